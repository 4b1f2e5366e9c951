// A small picture that always faces the eye.
uniform mat4 view;
uniform mat4 projection;
uniform vec2 pixels;
uniform float size;      // pixels of a sprite's side
uniform float sprites;   // how many stand side by side in the texture
uniform float lift;
layout(location = 0) in vec3 centre;
layout(location = 1) in float number;
out vec2 place;

void main() {
    vec3 seen = (view * vec4(centre, 1.0)).xyz;
    vec4 clip = projection * vec4(seen, 1.0);
    vec4 raised = projection * vec4(seen - normalize(seen) * lift, 1.0);
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    vec2 middle = floor((clip.xy / clip.w * 0.5 + 0.5) * pixels) + 0.5;
    vec2 here = middle + (corner - 0.5) * size;
    place = vec2((number + corner.x) / sprites, 1.0 - corner.y);
    gl_Position = seen.z > -0.05 ? vec4(2.0, 2.0, 2.0, 1.0)
                                 : vec4(here / pixels * 2.0 - 1.0, raised.z / raised.w, 1.0);
}
