uniform sampler2D ramp;
uniform vec3 contour;
uniform float contour_strength;
uniform float levels;    // contour lines lie at whole multiples of 1 / levels
uniform float darkest;   // of the shading, where the light does not reach
uniform float brightest;
uniform float sheen;
in vec3 eye_normal;
in vec3 eye_position;
in float level;
in float there;
out vec4 colour;

// Coverage of a line of about one pixel at each level; none where lines would run together.
float line(float place) {
    float across = place * levels;
    float pixel = max(fwidth(across), 1e-6);
    float nearest = round(across);
    float away = abs(across - nearest) / pixel;
    float apart = 1.0 - smoothstep(0.25, 0.6, pixel);
    float wanted = step(0.5, nearest) * step(nearest, levels - 0.5);
    return wanted * apart * (1.0 - smoothstep(0.4, 1.1, away));
}

void main() {
    if (there < 0.5) discard;
    vec3 normal = normalize(eye_normal);
    vec3 to_eye = normalize(-eye_position);
    if (dot(normal, to_eye) < 0.0) normal = -normal;
    vec3 light = normalize(vec3(-0.45, 0.75, 0.55));
    float lit = 0.5 + 0.5 * dot(normal, light);
    float shade = mix(darkest, brightest, lit * lit * (3.0 - 2.0 * lit));
    vec3 base = texture(ramp, vec2((clamp(level, 0.0, 1.0) * 255.0 + 0.5) / 256.0, 0.5)).rgb;
    float gleam = pow(max(dot(normal, normalize(light + to_eye)), 0.0), 24.0);
    vec3 shaded = min(base * shade + sheen * gleam, 1.0);
    colour = vec4(mix(shaded, contour, contour_strength * line(level)), 1.0);
}
