/* News agencies that texts are credited to. */

#include "unit.h"

#include "article/credit.h"

#include <stdio.h>
#include <string.h>

/* A text, the agency; "-" none. */
static void credits_of_texts(void **state)
{
    static const char *const table[][2] = {
        /* datelines */
        {"LONDON (Reuters) - The bank raised its rate on Thursday.", "Reuters"},
        {"LONDON, Nov 22 (Reuters) - The bank raised its rate.", "Reuters"},
        {"NEW YORK (AP) \xe2\x80\x94 Shares fell on Monday.", "AP"},
        {"PARIS, Nov 22, 2026 (AFP) - The strike goes on.", "AFP"},
        {"AP - Shares fell on Monday.", "AP"},
        {"By The Associated Press\nShares fell on Monday.", "AP"},
        {"Berlin (dpa) - Der Bundestag hat zugestimmt.", "dpa"},
        {"Berlin (dpa/lno) \xe2\x80\x93 Der Bundestag hat zugestimmt.", "dpa"},
        {"Madrid, 22 nov (EFE).- El Gobierno aprueba la ley.", "EFE"},
        {"(ANSA) - ROMA, 22 NOV - Il governo ha approvato.", "ANSA"},
        {"МОСКВА, 22 ноября. /ТАСС/. Правительство одобрило проект.", "TASS"},
        {"МОСКВА, 22 ноя — РИА Новости. Правительство одобрило проект.", "RIA Novosti"},
        {"新华社北京11月22日电 国务院批准了这项计划。", "Xinhua"},
        {"【共同社11月22日电】政府批准了这项计划。", "Kyodo"},
        {"【ワシントン共同】政府は計画を承認した。", "Kyodo"},
        {"［ロンドン　２２日　ロイター］ - 中央銀行は利上げした。", "Reuters"},
        {"(서울=연합뉴스) 홍길동 기자 = 정부가 계획을 승인했다.", "Yonhap"},
        {"AUSTIN, Texas--(BUSINESS WIRE)--Example Corp today announced.", "Business Wire"},
        {"LONDON, Nov. 22, 2026 /PRNewswire/ -- Example Corp announced.", "PR Newswire"},
        {"القاهرة (رويترز) - وافقت الحكومة على الخطة.", "Reuters"},
        /* last words */
        {"Die Partei will im Herbst neu w\xc3\xa4hlen. (dpa)", "dpa"},
        {"La gr\xc3\xa8ve continue.\n\xc2\xa9 2026 AFP", "AFP"},
        {"Shares fell.\nCopyright 2026 The Associated Press. All rights reserved.", "AP"},
        {"El Gobierno aprueba la ley este lunes.\nEFE", "EFE"},
        {"Der Bundestag hat zugestimmt.\nQuelle: dpa", "dpa"},
        /* no credits */
        {"Reuters reported on Monday that the bank had raised its rate.", "-"},
        {"The agency (AFP) said that the strike goes on, and unions agreed.", "-"},
        {"The minister told Reuters.", "-"},
        {"(AP Photo/Some One) The bridge at dawn.", "-"},
        {"The bridge at dawn. (AP Photo)", "-"},
        {"\xe3\x80\x90日米共同声明\xe3\x80\x91 両政府は声明を出した。", "-"},
        {"APPLE - the fruit - is in season.", "-"},
        {"A plan (and no more) - was made.", "-"},
        {"(", "-"},
        {"", "-"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *agency = credit_of_text(table[i][0]);
        if (strcmp(agency ? agency : "-", table[i][1]))
            fail_msg("%s: %s, expected %s", table[i][0], agency ? agency : "-", table[i][1]);
    }
    assert_null(credit_of_text(NULL));
}

static void credits_of_authors(void **state)
{
    static const char *const table[][2] = {
        {"The Associated Press", "AP"},
        {"By ASSOCIATED PRESS", "AP"},
        {"Reuters Staff", "Reuters"},
        {"Jane Roe, Associated Press", "AP"},
        {"AFP/dpa", "AFP"},
        {"Agence France-Presse", "AFP"},
        {"연합뉴스", "Yonhap"},
        {"Jane Roe", "-"},
        {"April Apperson", "-"},
        {"AP Photo", "-"},
        {"", "-"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *agency = credit_of_author(table[i][0]);
        assert_string_equal(agency ? agency : "-", table[i][1]);
    }
    assert_null(credit_of_author(NULL));
}

static void an_agencys_site_is_its_own(void **state)
{
    (void)state;
    assert_string_equal(credit_of_site("apnews.com"), "AP");
    assert_null(credit_of_site("paper.example"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(credits_of_texts),
        cmocka_unit_test(credits_of_authors),
        cmocka_unit_test(an_agencys_site_is_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
