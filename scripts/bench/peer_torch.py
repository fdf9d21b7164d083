# Measures transformers on PyTorch's CPU with random weights of given sizes (speed does not depend on the values).
# Arguments: sizes as JSON (a Qwen3NextConfig), tokens of the prompt, tokens decoded, runs, threads. Prints JSON.
import json
import statistics
import sys
import time

import torch
import transformers

sizes, prefill, decode, runs, threads = json.loads(sys.argv[1]), *map(int, sys.argv[2:6])
torch.set_num_threads(threads)
config = transformers.Qwen3NextConfig(**sizes)
model = transformers.Qwen3NextForCausalLM(config).eval()
prefill_tps, decode_tps = [], []
with torch.inference_mode():
    # The first run warms up.
    for run in range(runs + 1):
        ids = torch.randint(0, config.vocab_size, (1, prefill), generator=torch.Generator().manual_seed(run))
        started = time.perf_counter()
        out = model(ids, use_cache=True, logits_to_keep=1)
        prefill_s = time.perf_counter() - started
        started = time.perf_counter()
        for _ in range(decode):
            token = out.logits[:, -1].argmax(-1, keepdim=True)
            out = model(token, past_key_values=out.past_key_values, use_cache=True)
        decode_s = time.perf_counter() - started
        print(f'run {run}: prefill {prefill_s} s, decode {decode_s} s', file=sys.stderr)
        if run > 0:
            prefill_tps.append(prefill / prefill_s)
            decode_tps.append(decode / decode_s)
print(json.dumps({
    'peer': f'transformers {transformers.__version__}, torch {torch.__version__}, float32',
    'device': 'CPU',
    'runs': runs,
    'prefill_tps': statistics.median(prefill_tps),
    'prefill_tps_range': [min(prefill_tps), max(prefill_tps)],
    'decode_tps': statistics.median(decode_tps),
    'decode_tps_range': [min(decode_tps), max(decode_tps)],
}))
