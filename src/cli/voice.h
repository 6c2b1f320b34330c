/* What people are told, on standard error. Whole lines, one at a time, from any
 * thread; the bar of progress is out of the way of every message. */
#ifndef CLI_VOICE_H
#define CLI_VOICE_H

#include <imgmill/base.h>

#include <pthread.h>
#include <stdio.h>

struct cli__voice {
    pthread_mutex_t lock;
    bool bar; /* a bar stands in the terminal's last line */
};

void cli__voice_init(struct cli__voice *voice);
void cli__voice_clear(struct cli__voice *voice);

/* "imgmill: …" and the end of the line; control characters are escaped. */
void cli__say(struct cli__voice *voice, const char *fmt, ...) MILL_PRINTF(2, 3);

/* The bar becomes this text; "" takes it away. */
void cli__say_bar(struct cli__voice *voice, const char *text);

/* text with control characters as \n, \t or \xNN; for people. */
void cli__put_escaped(FILE *file, const char *text);

#endif
