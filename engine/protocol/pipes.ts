// Which of the engine's file descriptors carry messages. Answers have a pipe of their own: GPU drivers and their libraries print on
// stdout, and a single line of theirs among the messages would end the connection.

/** Where the engine writes its messages; it reads them from stdin. */
export const answersFd = 3;
