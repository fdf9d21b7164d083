// The scalar functions of the model's equations, in double precision and stable for any argument.

export function sigmoid(v: number): number {
  return 1 / (1 + Math.exp(-v));
}

export function silu(v: number): number {
  return v * sigmoid(v);
}

/** ln(1 + e^v) */
export function softplus(v: number): number {
  return Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)));
}
