/* What speaks against a title as the headline of an event, and whether it tells of what is to come,
 * which does so once it has come. The cues are config/headlines.conf. */
#ifndef TEXT_TITLE_FAULTS_H
#define TEXT_TITLE_FAULTS_H

enum headline_fault {
    HEADLINE_BAIT = 1,     /* "You won't believe ...", "10 things ..." */
    HEADLINE_SHOUTS = 2,   /* ALL IN CAPITALS */
    HEADLINE_TEASES = 4,   /* a question, or it breaks off ... */
    HEADLINE_LABELLED = 8, /* "Opinion: ..."; or of fewer than three words */
    HEADLINE_COMING = 16   /* "to meet", "will": no fault as long as it has not come */
};

unsigned headline_faults(const char *title); /* valid UTF-8 */

#endif
