uniform sampler2D pictures;   // premultiplied
uniform float strength;
in vec2 place;
out vec4 colour;

void main() {
    colour = texture(pictures, place) * strength;
    if (colour.a < 0.01) discard;
}
