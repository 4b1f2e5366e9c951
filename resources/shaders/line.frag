uniform float width;
uniform vec4 tint;       // in place of the piece's own colour where its alpha is above 0
uniform float strength;
flat in vec4 shown;
flat in vec2 low;
flat in vec2 high;
in vec2 here;
out vec4 colour;

void main() {
    vec2 along = high - low;
    float part = clamp(dot(here - low, along) / max(dot(along, along), 1e-6), 0.0, 1.0);
    float away = distance(here, low + part * along);
    float cover = 1.0 - smoothstep(0.5 * width - 0.5, 0.5 * width + 0.5, away);
    if (cover < 0.02) discard;
    vec4 tone = tint.a > 0.0 ? tint : shown;
    colour = vec4(tone.rgb, tone.a * cover * strength);
}
