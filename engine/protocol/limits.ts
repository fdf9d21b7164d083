// Every number that two modules must agree on: unit in the name, reason beside it.

export const limits = {
  /** One JSON-RPC message; a whole ingest batch fits, a runaway peer does not. */
  rpcMessageBytesMax: 16 * 1024 * 1024,
  /** One workspace/ingest batch, well under rpcMessageBytesMax with JSON escaping. */
  ingestBatchBytesMax: 1024 * 1024,
  /** One workspace file; read unless the user says otherwise: larger ones are mostly generated or data. */
  fileBytesUsual: 256 * 1024,
  /** One workspace file, whatever the user says: it fits an ingest batch. */
  fileBytesMax: 1024 * 1024,
  /** All workspace files held by the engine for search. */
  workspaceBytesMax: 64 * 1024 * 1024,
  /** Files in one workspace. */
  workspaceFilesMax: 20_000,
  /** Names that are looked up at a time, and characters of one of them: each that is missing is compared with all others. */
  symbolsAskedMax: 64,
  symbolCharsMax: 200,
  /** One chat message typed or pasted by the user. */
  messageCharsMax: 1_000_000,
  /** The user's instructions for one answer: they are read with every new conversation. */
  instructionsCharsMax: 100_000,
  /** So many characters of them are given to the model for each token of its context: a third of it at most. */
  instructionCharsPerToken: 1,
  /** Texts whose tokens are counted at a time, and their characters: a second's work. */
  countTextsMax: 1_000,
  countCharsMax: 1_000_000,
  /** Rows of a prefill batch that there is always room for. A software device, which computes rows one after another, gains by no more. */
  prefillBatchTokensLeast: 128,
  /** Rows of a prefill batch that a GPU gains by whatever the model: weights are read once for all of them. */
  prefillBatchTokensUsual: 512,
  /** Where each row chooses a few of many experts, their weights are read once for more rows; their activations take some 0.7 GB. */
  prefillBatchTokensMax: 2048,
  /** A batch takes no longer, unless it is of the usual size: so much at most is read again when something more urgent comes. */
  prefillBatchMsMax: 2_000,
  /** Snapshots of one text; one is 77 MiB at 80B. */
  snapshotsPerSequenceMax: 16,
  /** Snapshots that only completions go on from: they must not push out those of chats. */
  completionSnapshotsMax: 4,
  /** 13 snapshots at 80B; fits a 24 GB card beside a model sized for it. */
  snapshotBytesMax: 1024 ** 3,
  /** Texts whose state is kept at a time, each with keys and values of its own: conversations, and what completions read. */
  chatSequencesMax: 2,
  completionSequencesMax: 1,
  /** Largest static YaRN factor: beyond what the family was tried with (4, for 1,010,000 tokens) rotations wash out. */
  yarnFactorMax: 8,
  /** Up to so many tokens keys and values of a text are stored as halves; above in 8 bits, which halves what every token reads again. */
  kvHalfContextTokensMax: 65_536,
  /** One inline completion: a block of some ten lines, and the most that a user may ask for. */
  completionTokensUsual: 96,
  completionTokensMax: 256,
  /** Prompt of one inline completion (tokens): more context costs more first-token time than it is worth. */
  completionPromptTokensMax: 4096,
  /** Texts that end an answer, and characters of one of them: they are looked for after every token. */
  stopTextsMax: 16,
  stopTextCharsMax: 256,
  /** What a thinking model may think on top of its answer; what Qwen3-Next-Thinking's makers recommend as output. */
  thoughtTokensMax: 32_768,
  /** Polite shutdown before the process is killed. */
  shutdownDeadlineMs: 2_000,
} as const;

if (limits.ingestBatchBytesMax * 4 > limits.rpcMessageBytesMax)
  throw new Error('limits: an escaped ingest batch must fit in one RPC message');
