// Rounds weights to blocks of 32 with one scale, in the planes that the accessors of Q8_0 and Q4_0 read:
//   Q8_0: d = max|x| / 127, q = round(x / d), a byte each;
//   Q4_0: q = round(x / d) in -8 … 7, stored as q + 8, element e in the low half of byte e, element 16 + e in its high half. Of the
//   scales that bring the largest |x| to 8.7, 8 and 7.3, and are then fitted to their codes, d is the one with the least error.
// d is rounded to a half before it divides. A block with a value that is not finite gets the scale NaN, so that it is found later.
// Weight accessor in front (x, blocks from 0 on), and Q4 from the preamble. y_codes: 8 or 4 words a block; y_scale: two halves a word;
// both start at block `first`, an even number. One invocation owns the two blocks that share a word of the scale plane.
@group(0) @binding(3) var<storage, read_write> y_codes: array<u32>;
@group(0) @binding(4) var<storage, read_write> y_scale: array<u32>;
struct Params {
  count: u32,  // blocks in this call
  first: u32,  // index of the first block in the planes
}
var<immediate> params: Params;
override wg: u32 = 64;

// Bits of the half next to x; a device may round x either way, so its upper neighbour is looked at too.
fn half_bits(x: f32) -> u32 {
  let bits = pack2x16float(vec2f(x, 0.0)) & 0xffffu;
  let here = unpack2x16float(bits).x;
  let above = unpack2x16float(bits + 1u).x;
  return select(bits, bits + 1u, abs(x - above) < abs(x - here));
}
fn code4(x: vec4f, over_d: f32) -> vec4f {
  return select(clamp(round(x * over_d), vec4f(-127.0), vec4f(127.0)),
                clamp(round(x * over_d), vec4f(-8.0), vec4f(7.0)), Q4);
}

@compute @workgroup_size(wg)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  const UNITS = 32u / UNIT;
  const QUADS = UNIT / 4u;
  let start = ((group.y * 1024u + group.x) * wg + lane.x) * 2u;
  if (start >= params.count) {
    return;
  }
  var scales = vec2u();
  for (var i = 0u; i < 2u; i++) {
    let block = start + i;
    if (block >= params.count) {
      break;
    }
    var x: array<vec4f, 8>;
    var largest = 0.0;  // the value of largest size, with its sign
    var odd = 0u;
    for (var u = 0u; u < UNITS; u++) {
      let values = weight_unit(block * UNITS + u);
      for (var j = 0u; j < QUADS; j++) {
        let quad = values[j];
        x[u * QUADS + j] = quad;
        for (var c = 0u; c < 4u; c++) {
          largest = select(largest, quad[c], abs(quad[c]) > abs(largest));
          odd |= select(0u, 1u, (bitcast<u32>(quad[c]) & 0x7f800000u) == 0x7f800000u);
        }
      }
    }
    var d = abs(largest) / 127.0;
    if (Q4) {
      var best = -1.0;
      for (var candidate = 0u; candidate < 3u; candidate++) {
        let over_d = select(0.0, (-8.7 + 0.7 * f32(candidate)) / largest, largest != 0.0);
        var xq = 0.0;
        var qq = 0.0;
        for (var j = 0u; j < 8u; j++) {
          let q = code4(x[j], over_d);
          xq += dot(x[j], q);
          qq += dot(q, q);
        }
        // What fitting the scale to these codes takes off the squared error.
        let gain = select(0.0, xq * xq / qq, qq > 0.0);
        if (gain > best) {
          best = gain;
          d = select(0.0, xq / qq, qq > 0.0);
        }
      }
    }
    scales[i] = half_bits(d);
    d = unpack2x16float(scales[i]).x;
    let over_d = select(0.0, 1.0 / d, d != 0.0);
    if (odd == 1u) {
      scales[i] = 0x7e00u;
    }
    let to = params.first + block;
    if (Q4) {
      for (var j = 0u; j < 4u; j++) {
        let low = pack4xU8(vec4u(code4(x[j], over_d) + 8.0));
        let high = pack4xU8(vec4u(code4(x[j + 4u], over_d) + 8.0));
        y_codes[to * 4u + j] = low | (high << 4u);
      }
    } else {
      for (var j = 0u; j < 8u; j++) {
        y_codes[to * 8u + j] = pack4xI8(vec4i(code4(x[j], over_d)));
      }
    }
  }
  y_scale[(params.first + start) / 2u] = scales.x | (scales.y << 16u);
}
