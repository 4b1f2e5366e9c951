// A piece of a line: a rectangle on the screen around it, with room for its round ends.
uniform mat4 view;
uniform mat4 projection;
uniform vec2 pixels;     // width and height of the picture
uniform float width;     // pixels
uniform float lift;      // how much nearer to the eye it counts as, in the box's units
layout(location = 0) in vec3 start;
layout(location = 1) in vec3 end;
layout(location = 2) in vec4 tone;
flat out vec4 shown;
flat out vec2 low;
flat out vec2 high;
out vec2 here;

vec4 clip_of(vec3 seen) {
    vec4 clip = projection * vec4(seen, 1.0);
    vec4 raised = projection * vec4(seen - normalize(seen) * lift, 1.0);
    clip.z = raised.z / raised.w * clip.w;
    return clip;
}

void main() {
    const float nearest = -0.05;
    vec3 from = (view * vec4(start, 1.0)).xyz;
    vec3 to = (view * vec4(end, 1.0)).xyz;
    if (from.z > nearest && to.z > nearest) {
        gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
        return;
    }
    if (from.z > nearest) from = mix(from, to, (nearest - from.z) / (to.z - from.z));
    if (to.z > nearest) to = mix(to, from, (nearest - to.z) / (from.z - to.z));
    vec4 first = clip_of(from);
    vec4 last = clip_of(to);
    low = (first.xy / first.w * 0.5 + 0.5) * pixels;
    high = (last.xy / last.w * 0.5 + 0.5) * pixels;
    vec2 along = high - low;
    along = dot(along, along) > 1e-8 ? normalize(along) : vec2(1.0, 0.0);
    vec2 aside = vec2(-along.y, along.x);
    float reach = 0.5 * width + 1.0;
    bool at_end = gl_VertexID >= 2;
    float side = (gl_VertexID & 1) == 0 ? -1.0 : 1.0;
    here = (at_end ? high + along * reach : low - along * reach) + aside * side * reach;
    vec4 anchor = at_end ? last : first;
    gl_Position = vec4((here / pixels * 2.0 - 1.0) * anchor.w, anchor.z, anchor.w);
    shown = tone;
}
