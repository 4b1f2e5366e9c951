// A surface: lit from the upper left of whoever looks, coloured by its place on the ramp.
uniform mat4 view;
uniform mat4 projection;
layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
layout(location = 2) in float place;
layout(location = 3) in float valid;
out vec3 eye_normal;
out vec3 eye_position;
out float level;
out float there;

void main() {
    vec4 seen = view * vec4(position, 1.0);
    eye_position = seen.xyz;
    eye_normal = mat3(view) * normal;
    level = place;
    there = valid;
    gl_Position = projection * seen;
}
