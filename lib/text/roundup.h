/* Titles in a frame that says what kind of text it is, not of what.
 *
 * A live page or an explainer is of one happening where the title names one besides its frame. A
 * briefing, a daily programme, a horoscope, a quiz is no report of one happening: they share their
 * frame with each other, and words with everything of the day. */
#ifndef TEXT_ROUNDUP_H
#define TEXT_ROUNDUP_H

enum title_frame { FRAME_NONE, FRAME_RUNNING, FRAME_ROUNDUP };

/* The title is valid UTF-8. `terms`: how many of its words tell something (text/terms.h). */
enum title_frame title_frame(const char *title, unsigned terms);

#endif
