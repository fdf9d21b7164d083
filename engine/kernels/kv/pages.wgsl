// Where keys and values lie. They are kept in pages of KV_PAGE positions, which texts share; a text's table says which page holds its
// positions from n * KV_PAGE on. In front: KV_PAGE, a multiple of 128, and KV_PAGE_LOADS, loads of 16 bytes from one page to the next.
@group(0) @binding(9) var<storage, read> pages: array<u32>;
// Where the row of a head at a position begins, in loads. Rows of a position lie side by side, those of the next one of its page after them.
fn kv_at(position: u32, head: u32, heads: u32) -> u32 {
  return pages[position / KV_PAGE] * KV_PAGE_LOADS + ((position % KV_PAGE) * heads + head) * KV_ROW;
}
