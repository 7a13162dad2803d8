/* Recognises titles with a fixed phrase (a frame) that names the kind of text rather than its
 * subject.
 *
 * A live page or an explainer is about one event if the title also names a subject. A briefing, a
 * daily programme, a horoscope or a quiz is not about one event: such titles share their frame with
 * each other, and words with all news of the day. */
#ifndef TEXT_ROUNDUP_H
#define TEXT_ROUNDUP_H

enum title_frame { FRAME_NONE, FRAME_RUNNING, FRAME_ROUNDUP };

/* The title must be valid UTF-8. `terms` is the number of its terms (text/terms.h). */
enum title_frame title_frame(const char *title, unsigned terms);

#endif
