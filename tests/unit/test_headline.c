/* Titles that are no headlines, and which article speaks for an event. */
#include "unit.h"

#include "text/headline.h"

#include <stdio.h>
#include <string.h>

static void titles_that_are_no_headlines(void **state)
{
    static const struct {
        const char *title;
        unsigned faults;
    } table[] = {
        {"Ferry Halden Star runs aground off Sorrel Islands, all 312 aboard safe", 0},
        {"12 killed as bus leaves mountain road near Varn", 0},
        {"Ten facts commission members resign", 0},
        {"NATO and WHO agree on aid for Varn", 0},
        {"Ministers to meet in Varn on ferry safety", HEADLINE_COMING},
        {"Ferry operator will publish its report", HEADLINE_COMING},
        {"Will of the people: ferry safety", HEADLINE_COMING},
        {"Ministers met in Varn on ferry safety", 0},
        {"Fährgesellschaft soll Bericht vorlegen", HEADLINE_COMING},
        {"La ministra se reunirá con la naviera", HEADLINE_COMING},
        {"La naviera presentará su informe", HEADLINE_COMING},
        {"La naviera presentó su informe", 0},
        {"Les ministres se réuniront à Varn", HEADLINE_COMING},
        {"Les ministres discuteront de la sécurité", HEADLINE_COMING},
        {"Il ministro incontrerà gli armatori", HEADLINE_COMING},
        {"Министр намерен посетить порт", HEADLINE_COMING},
        {"运输部长即将访问港口", HEADLINE_COMING},
        {"You won’t believe what this ferry captain did", HEADLINE_BAIT},
        {"10 things to do in Varn this autumn", HEADLINE_BAIT},
        {"The 7 best ways to cross the strait", HEADLINE_BAIT},
        {"Here's why the ferry ran aground", HEADLINE_BAIT},
        {"Das steckt dahinter: Fähre auf Grund", HEADLINE_BAIT},
        {"5 razones para viajar a Varn en otoño", HEADLINE_BAIT},
        {"Вы не поверите, что сделал капитан парома", HEADLINE_BAIT},
        {"フェリー座礁、驚きの理由が判明", HEADLINE_BAIT},
        {"FERRY RUNS AGROUND OFF SORREL ISLANDS", HEADLINE_SHOUTS},
        {"ПАРОМ СЕЛ НА МЕЛЬ У ОСТРОВОВ", HEADLINE_SHOUTS},
        {"Why did the ferry run aground?", HEADLINE_TEASES},
        {"フェリーはなぜ座礁したのか？", HEADLINE_TEASES},
        {"The captain saw a light and then...", HEADLINE_TEASES},
        {"Opinion: the ferry should never have sailed", HEADLINE_LABELLED},
        {"VIDEO | The ferry on the reef", HEADLINE_LABELLED},
        {"Видео: паром сел на мель", HEADLINE_LABELLED},
        {"Breaking news", HEADLINE_LABELLED},
        {"", HEADLINE_LABELLED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (headline_faults(table[i].title) != table[i].faults)
            fail_msg("%s: %u, expected %u", table[i].title, headline_faults(table[i].title),
                     table[i].faults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(titles_that_are_no_headlines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
