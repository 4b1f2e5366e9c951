"""Texts that somebody may put where a formula is asked for, by what they try: `REFUSED` and `LEGAL`."""

EXECUTING = """
__import__('os').system('true')
__import__("os")
__import__(x)
__builtins__
__builtins__.open(x)
__name__
__file__ + x
eval(x)
eval('x')
exec(x)
exec("import os")
compile(x, y, x)
open(x)
open('/etc/passwd').read()
input()
input(x)
print(x)
exit()
exit(0)
quit()
breakpoint()
help(x)
dir(x)
vars()
globals()
globals()['x']
locals()
getattr(x, y)
setattr(x, y, x)
delattr(x, y)
hasattr(x, y)
type(x)
type(x)(y)
object()
super()
super().__init__()
memoryview(x)
bytes(9)
bytearray(9)
id(x)
hash(x)
repr(x)
str(x)
int(x)
float(x)
complex(x, y)
iter(x)
next(x)
map(sin, x)
filter(sin, x)
callable(sin)
classmethod(x)
os.system(x)
sys.exit()
subprocess.run(x)
math.sin(x)
np.sin(x)
numpy.load(x)
sympy.sin(x)
x.__class__
x.__class__.__mro__
x.real
x.imag
(x).__class__
(1).__class__
1 .real
1..real
().__class__.__bases__[0].__subclasses__()
[].__class__
{}.__class__
''.__class__
"".join(x)
sin.__call__(x)
sin.__self__
sin.__globals__
x.subs(y, 1)
x.evalf()
x.diff(y)
Symbol(x)
Symbol('x')
S(x)
N(x)
sympify(x)
sympify('x')
Lambda(x, y)
Function(x)
Matrix(x)
Integer(x)
Rational(1, 2)
solve(x, y)
integrate(x, y)
limit(x, y)
simplify(x)
expand(x)
factor(x)
lambda: x
lambda x: x
lambda
(lambda: x)()
(lambda x: x)(y)
[x for x in y]
(x for x in y)
{x for x in y}
{x: y for x in y}
[x, y]
[x]
[]
{}
{x}
{x: y}
(x, y)
x, y
x,
(x := 2)
x := 2
x = 2
x += 2
x == y
x != y
x < y
x > y
x <= y
x is y
x in y
x and y
x or y
not x
x if y else 1
await x
yield
yield x
yield from x
return x
raise x
assert x
del x
pass
break
import os
from os import path
import os; x
global x
nonlocal x
def x(): y
class x: y
with x: y
while 1: x
for x in y: x
if x: y
try: x
try: x except: y
match x: y
print x
exec x
@x
@sin
x@y
*x
**x
sin(*x)
sin(**x)
sin(x=1)
sin(x for x in y)
sin(x, *y)
f"{x}"
f'{x!r}'
rb'x'
'x'
"x"
'''x'''
'x' * 9
b"x"
u"x"
`x`
$x
${x}
$(id)
{{x}}
{{7*7}}
#{x}
<%= x %>
<script>x</script>
<b>x</b>
&lt;x&gt;
%x%
%s
x % 2
x & y
x | y
x || y
x && y
x ^^ y
~x
!x
x!
x?
x ? y : 1
x << 2
x >> 2
x -> y
x => y
x;y
x; y
x#y
# x
x // comment
x /* y */
x -- y '
x' OR '1'='1
../../etc/passwd
/etc/passwd
file:///etc/passwd
C:\\x
\\x41
\\u0078
\\N{LATIN SMALL LETTER X}
=1+1
=cmd|'/c calc'!A1
@SUM(1)
...
Ellipsis
NotImplemented
True
False
None
None + x
__debug__
_
__
_x
x_
x__y
self
cls
True*x
""".strip().splitlines()
"""What runs code, or asks for a value by another way, in Python and elsewhere."""

HANGING = """
9**9**9**9
9^9^9^9
9**9**9
10**10**10
10^(10^10)
2**2**2**2**2**2
2**(2**(2**(2**(2**2))))
(9**9)**(9**9)
((9**20)**20)**20
((((9**20)**20)**20)**20)
(((1/9)**20)**20)**20
((((2*x)**20)**20)**20)**20
9**-9**9**9
x**9**9**9
x**1000000000
x**-1000000000
x**21
x**-21
x**20.5
x**(10 + 11)
x**(4*6)
(x + y)**1000
(x + y + 1)**99999
1e12**20*1e12**20
1e12**20/1e-12**20
exp(1000)
exp(exp(9))
exp(exp(exp(exp(9))))
x*exp(exp(exp(9)))
exp(-1000)*0 + exp(1e12)
sinh(1000)
cosh(-1000)
exp(9)**20**2
factorial(x)
factorial(1000000000)
gamma(x)
binomial(x, y)
range(1000000000)
sum(x)
prod(x)
primes(x)
fibonacci(x)
zeta(x)
1e400
1e-400*x + 1e400
-1e400
1e99999999
1e999999999999999999999
1E+13
1e13
x + 1e13
1000000000000000000000000
x*1e300
1e-300*1e300*x
x*1e-400/0
1/1e-400
""".strip().splitlines()
"""What takes for ever, or numbers that nothing can hold."""

HUGE = [
    "9" * 200, "9" * 300, "9" * 301, "9" * 100_000, "x" * 299, "x" * 100_000, "+".join("x" * 101),
    "*".join("x" * 120), "x" + "+1" * 149, "-" * 250 + "x", "~" * 250 + "x", "-" * 100_000 + "x",
    "x" + " " * 300, " " * 100_000, "\t" * 400, "\n" * 1_000_000, "x" + "*x" * 100_000, "a" * 10,
    "+".join("abcdfghkm"), "1" + "0" * 13, "0." + "0" * 400 + "1", "." * 300, "," * 300, "(" * 300,
    ")" * 300, "()" * 150, "\x00" * 300, "💥" * 300, "x" * 10_000_000,
]  # fmt: skip
"""Too long, or too many."""

DEEP = [
    "(" * 21 + "x" + ")" * 21, "(" * 100 + "x" + ")" * 100, "(" * 149 + "x" + ")" * 149,
    "(" * 200 + "x" + ")" * 100, "sin(" * 21 + "x" + ")" * 21, "sin(" * 59 + "x" + ")" * 59,
    "-(" * 60 + "x" + ")" * 60, "x" + "**x" * 50, "x" + "**2" * 50, "2**" * 30 + "x", "x**" * 30 + "2",
    "(x+" * 40 + "y" + ")" * 40, "max(x," * 30 + "y" + ")" * 30, "1/(x+" * 40 + "y" + ")" * 40,
    "exp(" * 30 + "x" + ")" * 30, "(" * 50, "x" + ")" * 50, "sqrt(" * 25 + "x" + ")" * 25, "((x)" * 60,
    "abs(-" * 40 + "x" + ")" * 40, "[" * 150 + "]" * 150, "{" * 150 + "}" * 150, "sin(" * 70,
    "x**(" * 40 + "2" + ")" * 40,
]  # fmt: skip
"""Nested too deeply."""

LOOK_ALIKES = [
    "х**2", "у + x", "χ*2", "е**x", "а*x", "ｘ**2", "ｙ", "x + ｙ", "𝑥 + 1", "𝐱*y", "𝓍", "ⅹ + 1", "x + Ⅻ",
    "ⓧ", "x₁ + y₁", "x + ٣", "x + ३", "x + １", "１２", "x + ①", "x**⁴", "x⁴", "x⁻¹", "xⁿ", "½*x", "x + ¼",
    "x – y", "x — y", "x ‐ y", "x ‑ y", "x ﹣ y", "x － y", "x ➖ y", "x ＋ y", "x ➕ y", "x∗y", "x⋅y",
    "x∙y", "x•y", "x✕y", "x╳y", "x＊y", "x⁎y", "x÷y", "x∕y", "x⁄y", "x／y", "（x）", "⟨x⟩", "❨x❩", "﹙x﹚",
    "⁽x⁾", "√x", "√(x)", "∛x", "∞", "x + ∞", "|x|", "‖x‖", "x ≤ y", "x ≠ y", "∑x", "∏x", "∫x", "∂x", "∇x",
    "ｓｉｎ(x)", "ſin(x)", "sın(x)", "siɴ(x)", "𝗌𝗂𝗇(x)", "coѕ(x)", "ехр(x)", "lоg(x)", "ℯ**x", "ℓn(x)",
    "ϖ*x", "ℼ*x", "П*x", "Π*x", "x\u00a0+ y", "x\u2003+ y", "x\u3000+ y", "x\u200b", "x\u200b+y",
    "x\u200d*y", "\ufeffx", "x\u00ady", "x\u2060y", "\u202ex + y", "x\u202d", "x\u0302", "x\u0301 + y",
    "x\ufe0f", "\U000e0078", "x\u0335y", "x\u034f", "\x00", "x\x00y", "x\x07", "x\x1b[31m", "x\x7f",
    "x\x80", "x\ud800", "\udfffx", "x\ufffe", "x\uffff", "\U0010ffff", "💥", "x + 😀", "x**🙂", "αx", "ℝ",
    "ℂ", "ℵ", "é*x", "ñ", "ß*x", "ı", "İ*x", "日本", "х" * 300, "К*x", "x２", "x′", "x’", "x″", "“x”",
    "‘x’", "«x»", "x…", "x،y", "x；y", "x，y", "x。", "﹢x", "x\u2028+ y", "x\x85+ y", "x\x0b+ y",
    "x\x0c+ y", "x**2\n+ y**2", "x\r+ y", "x \\\n + y", "(x\n+ y)", "x\n# y", "x\n\n\ny",
]  # fmt: skip
"""What looks like something else: other alphabets, digits, signs, blanks and line breaks."""

NAMES = """
zz
xx
yy
xy
yx
xyx
1 + xyx
X
Y
x1 + y
y2
x + w100*y
3*ax + y
ax*b
abc
foo(x)
f(x)
g(x, y)
sine(x)
cosin(x)
tg(x)
ctg(x)
cot(x)
sec(x)
arcsin(x)
arctan(x)
arctan2(y, x)
Sin(x)
SIN(x)
EXP(x)
Log(x)
lg(x)
log1p(x)
expm1(x)
hypot(x, y)
pow(x, 2)
power(x, 2)
inverse(x)
cbrt(x)
root(x, 3)
square(x)
floor(x)
ceil(x)
round(x)
mod(x, 2)
heaviside(x)
relu(x)
if(x, y)
erf(x)
norm(x)
sum(x, y)
mean(x)
inf
nan
NaN
nan*x
Infinity
-inf
1i
1j
x + 2j
PI
Pi*x
x*Pi
E
e2
exp
sin
sin + 1
sin x
sin*x
sin(sin)(x)
sin(x)(y)
log
sqrt
max
lambda*x
x + lambda*y
parameter_a
loss
gradient
a1b
a100
alphabeta
alpha1*x
""".strip().splitlines()
"""Names that nobody knows here, or that mean something else elsewhere."""

MISSING = """
2x
2 x
2(x + 1)
x(y + 1)
x (y)
(x)(y)
(x)y
(x)2
(x + 1)(x - 1)
pi(x)
pi x
e(x)
x 2
x y
x²y
1e5x
2e
2e+
2ee
1 2
1 000
1_000
1,000
1.2.3
1..2
..1
.
0x10
0b11
0o7
1e
e5 x
2a
a(x)
3sin(x)
x sin(x)
sin(x)cos(x)
sin(x) cos(x)
x**2y
x^2(y)
5!
50%
x'
""".strip().splitlines()
"""A sign left out, or a number written as elsewhere: never a guess."""

NO_VALUE = """
(-8)**(1/3)
(-8)^(1/3)
x + (-8)**(1/3)
(-1)**0.5
(-1)**1.5
(-x**2 - 1)**0.5
(-2)**x
(-2)**(x + 1)
(0 - 3)**y
0**x
0**(x**2)
0**-1
0**-0.5
1/0
x/0
x/(y - y)
x/(1 - 1)
1/(sin(1)**2 + cos(1)**2 - 1)
0/0
sqrt(-1)
sqrt(-1)**2
sqrt(0 - x**2 - 1)
x**sqrt(-1)
log(-1)
log(0)
ln(0)*x
log10(-3)
log2(0)
log(-x**2 - 1)
asin(2)
acos(-1.5)
acos(x - x - 2)
asin(2 + x**2)
log(log(0.5))
sqrt(cos(4))
atan2(1/0, x)
max(log(-1), x)
min(sqrt(-1), 2)
sign(log(0))
abs(sqrt(-4))
0*log(-1)
log(0)**0
exp(log(-1))
sqrt(min(-1, -2 - x**2))
""".strip().splitlines()
"""No real value here, or nowhere."""

CANCELLING = """
x/x
x**2/x
x/x**2
(x*y)/y
y/(x*y)*x
abs(x)/abs(x)
sin(x)/sin(x)
(x + y)/(x + y)
(x**2 + y**2)/(x**2 + y**2)
(x - 1)/(x - 1)
sqrt(x)**2
sqrt(x)**4
(x**0.5)**2
y + exp(log(x))
exp(ln(x))
0*log(x)
0*sqrt(x)
0/x
log(x)*0
log(x) - log(x)
sqrt(x) - sqrt(x)
1/x - 1/x
1/x - 1/x + y
sqrt(x)**0
log(x)**0
(1/x)**0
x**0.5 - sqrt(x)
""".strip().splitlines()
"""Parts that would cancel and take their holes with them."""

ARGUMENTS = """
sin()
sin(x, y)
sin(,)
sin(x,)*(
sin((x, y))
max(x)
max()
max(x, y, 1)
min(x, y, 1)
atan2(x)
atan2(x, y, x)
log(x, 2)
log()
log(2, x)
sqrt(x, 3)
exp(x, y)
abs()
sigmoid(x, y)
softplus()
round(x, 2)
sin(x y)
sin(x;y)
""".strip().splitlines()
"""Functions with other arguments than theirs."""

SYNTAX = [
    "", " ", "   ", "\t", "\n", "\r\n", "+", "-", "*", "/", "**", "^", "()", "( )", "(", ")", ")(", "x +",
    "x -", "x *", "x /", "x **", "x ^", "* x", "/ x", "** x", "^2", "x*/y", "x/*y", "x */ y", "x***y",
    "x****y", "x^^2", "x**^2", "x // 2", "x ///y", "(x", "x)", "((x)", "(x))", ")x", ")*x*(", "sin(x",
    "sin x)", "sin)x(", "x,y", ",x", "x,,y", "(,)", "x + + * y", "x * * y", "x * / y", "+-*/", "x + (",
    "x + )", "x ( + y", "²", "x**²", "³x", "=", "x=", "x:", ":", ";", "?", "!", "\\", "x\\", "\\x", "'",
    '"', "x + y)", "(x + y", "x]", "[x", "x}", "{x",
]  # fmt: skip
"""Something missing or too much."""

LEGAL = """
2^3^2
2**3**2
(2^3)^2
2^y^x
x^2^y
(x^2)^y
-2^2
-x^2
-x^2 - y^2
(-x)^2
2^-1
2^-x
-2^-2
--x
---x
-+-x
+-+x
2*-x
2*--x
x - -y
x-y-x
x - y - x - y
x - (y - x)
x/y/2
x/y*2
x*y/2*x
8/4/2
8/4*2
1/2*x
1/2/x
x/2*y
1 - 2*x + 3
2 + 3*4^2
-x**-2
x**-1
x**-2*y
x**2.0
x**0
0**0
(x - x)**0
0*x
x**0.5
x^(1/2)
x^1/2
x^(1/3)
x^(2/3)
(x^2)^(1/2)
(x^2)^0.5
(x^2)^(1/3)
((-8)^2)^(1/3)
x^-0.5
x^1.5
(x*y)^1.5
(x*y)^(-1/2)
sqrt(x^2)
sqrt(x)*sqrt(y)
sqrt(x*y)
sqrt(x)*sqrt(x)
sqrt(x)^3
abs(x)^0.5
log(x^2)
2*log(x)
log(x) + log(y)
log(x*y)
log(x/y)
log(exp(x))
exp(2*log(x))
exp(x)^2
exp(x^2)
exp(-x^2)
e^x
e^-x
e**x**2
e^2
e
pi
2*pi*x
-pi
ln(e)
log(100)
log10(100)
log2(1/8)
log(2)/log(10)
sin(pi)
sin(x)^2 + cos(x)^2
sin(x)^-1
1/sin(x)
sin(-x)
sin(sin(x))
tan(pi/2)
tan(x)
asin(x)
sin(asin(x))
asin(sin(x))
acos(cos(x))
atan(tan(x))
atan2(y, x)
atan2(x, y)
atan2(-y, -x)
sinh(x)
cosh(x) - sinh(x)
tanh(20*x)
max(x, y)
min(x, y)
max(min(x, y), 0)
max(x, -x)
max(x^2, y)
abs(x - y)
abs(-x)
abs(x)*sign(x)
sign(x)
sign(x)*x
sign(-x*y)
x*abs(x)
(x^2 + y^2)^0.5
(x + y)*(x - y)
(x + y)^2 - x^2 - y^2
x*x - x^2
x - x
x + y - x
x*y - y*x
0.1 + 0.2
0.1*3*x
1e-3*x
1E3*x
1e+2*x
1.e1*x
.5*x
5.*x
1e12
1e12 + x - 1e12
1e12*x/1e12
10^20*x
10^-20*x
x^20
x^-20
(x^20)^20/1e12
1/(x^2 + y^2)
1/(x - y)
1/(x*y)
1/x + 1/y
1/x*x
x*(1/x)
(x^2 - y^2)/(x - y)
x/abs(x)
1/(1 + exp(-x))
exp(x)/(1 + exp(x))
exp(10*x)
exp(100*x)
exp(-1000*x^2)
exp(exp(x))
1 - exp(-x^2)
(1 - cos(x))/x^2
x²
x³ - y²
2²
-x²
x²^2
x²²²
x²*y
2·x×y − 1
−x
π*x
  x  +  y
	x + y
sin (x)
sin( x )
max( x , y )
((((x))))
(x)
(-(-(x)))
1 - (-(-1))
""".strip("\n").splitlines()
"""Formulas that are legal and often misread: powers, signs, division, roots, huge and small numbers."""

REFUSED = {
    "executing": EXECUTING, "hanging": HANGING, "huge": HUGE, "deep": DEEP, "look-alike": LOOK_ALIKES,
    "name": NAMES, "missing sign": MISSING, "no value": NO_VALUE, "cancelling": CANCELLING,
    "arguments": ARGUMENTS, "syntax": SYNTAX,
}  # fmt: skip
"""What must be refused, by kind."""
