/* Faults of a title as the headline of an event, and whether it announces a future event, which
 * becomes a fault once the event has happened. The cues are in config/headlines.conf. */
#ifndef TEXT_TITLE_FAULTS_H
#define TEXT_TITLE_FAULTS_H

enum headline_fault {
    HEADLINE_BAIT = 1,     /* "You won't believe ...", "10 things ..." */
    HEADLINE_SHOUTS = 2,   /* ALL IN CAPITALS */
    HEADLINE_TEASES = 4,   /* a question, or a title that breaks off ... */
    HEADLINE_LABELLED = 8, /* "Opinion: ..."; or fewer than three words */
    HEADLINE_COMING = 16   /* "to meet", "will": a fault only after the event has happened */
};

unsigned headline_faults(const char *title); /* the title must be valid UTF-8 */

#endif
