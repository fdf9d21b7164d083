// Rows of a text in halves written anew in 8 bits, for a text that has grown long: q8 of each row goes to where it lies in pages of codes.
// cache: pages of keys, or of values, of a layer; a row of halves as kv/f16 lays it out, one of codes as kv/q8 does, whose accessor stands
// in front. tables: the pages of halves of the text, then its pages of codes: no page is among both. A workgroup owns a row.
// One barrier: the row is complete before its groups of 32 are looked at.
@group(0) @binding(0) var<storage, read_write> cache: array<u32>;
@group(0) @binding(1) var<storage, read> tables: array<u32>;
struct Params {
  rows: u32,
  groups_x: u32,    // workgroups in x
  heads: u32,       // rows of a position
  half_words: u32,  // words of a row of halves
  page_words: u32,
  half_page: u32,   // positions of a page of halves
  code_page: u32,   // positions of a page of codes
  codes_from: u32,  // where in tables the pages of codes begin, after those of halves
}
var<immediate> params: Params;
override wg: u32 = 64;
var<workgroup> ready: array<vec4f, D4>;

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.y * params.groups_x + group.x;
  if (row >= params.rows) {
    return;
  }
  let position = row / params.heads;
  let head = row % params.heads;
  let half_row = (position % params.half_page) * params.heads + head;
  let halves_at = tables[position / params.half_page] * params.page_words + half_row * params.half_words;
  for (var quad = lane; quad < D4; quad += wg) {
    let at = halves_at + 2u * quad;
    ready[quad] = vec4f(unpack2x16float(cache[at]), unpack2x16float(cache[at + 1u]));
  }
  workgroupBarrier();
  let code_row = (position % params.code_page) * params.heads + head;
  let codes_at = tables[params.codes_from + position / params.code_page] * (params.page_words / 4u) + code_row * KV_ROW;
  kv_write(&cache, codes_at, &ready, lane, wg);
}
