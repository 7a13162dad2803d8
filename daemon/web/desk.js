/* Editors' decisions in the browser: loaded after app.js, whose functions it uses, for those who may
 * decide. */
'use strict';

/* ---- decisions ----------------------------------------------------------------------------- */

/* The event that a key or a button is about: that of the page, or the one with the focus. */
function subject() {
  const main = $('main');
  if (main.dataset.event)
    return { event: +main.dataset.event, seq: +main.dataset.seq, title: $('h1').textContent };
  const row = focused();
  return row && { event: +row.dataset.key, seq: +row.dataset.seq, title: $('h2', row).textContent };
}

const field = (label, name, more = {}) =>
  el('label', {}, label, el(more.rows ? 'textarea' : 'input', { name, autocomplete: 'off', ...more }));

/* The history names who decided: whom a proxy signed in, or the name that the dialogs ask for and this
 * browser keeps. */
const signedIn = () => document.body.dataset.decides === 'signed-in';
const who = () => signedIn() ? undefined : keep.get('who', '') || 'an editor';

/* Sends one decision. The server refuses it where the event has changed since it was read. */
async function decide(decision) {
  const made = await call('POST', '/api/v1/decisions', { ...decision, who: who() });
  if (made) remember([made.id]);
  await settle(made);
  return made;
}

const listsMuted = () => new URLSearchParams(location.search).get('muted') === 'yes';

function dropRow(row) {
  const next = row.nextElementSibling || row.previousElementSibling;
  if (row.contains(document.activeElement)) $('h2 a', next || document)?.focus({ preventScroll: true });
  row.remove();
}

/* One's own decision is shown at once. In a list, the rows of its events go where they belong now, or
 * leave it when they were merged or muted. */
async function settle(made = {}) {
  const address = document.body.dataset.live || location.href, list = $('#events');
  try {
    const page = await fetchPage(address);
    if ($('.event', list || undefined)) {
      const keys = [made?.event, made?.into, focused()?.dataset.key].filter(Boolean).map(String);
      const now = keys.length ? $('#events', await fetchPage('/rows?events=' + [...new Set(keys)])) : el('ol');
      refreshRows(list, now);
      for (const key of keys) {
        const row = rowsOf(list).get(key), fresh = rowsOf(now).get(key);
        if (row && (!fresh || ($('.mark.muted', fresh) && !listsMuted()))) dropRow(row);
      }
    }
    const y = window.scrollY;
    live.pending = page;
    showPending();
    if (!list) window.scrollTo({ top: y });
  } catch { lookSoon(); }
}

function changedMeanwhile(error) {
  const now = error.problem?.event || {};
  const d = openDialog('Someone else changed this event',
    el('p', {}, error.message),
    now.title ? el('p', {}, 'Its title is now: ', el('b', {}, now.title),
      now.source_count ? ', ' + counted(now.source_count, 'source') : '') : null,
    el('form', { method: 'dialog', class: 'buttons' }, el('button', { class: 'main' }, 'Show event')));
  d.addEventListener('close', () => settle());
}

async function attempt(decision, done, dialog) {
  try {
    await decide(decision);
    dialog?.close();
    say(done);
  } catch (e) {
    const seen = e.problem?.event;
    if (e.status === 409 && seen && (seen.seq !== decision.seq || seen.id !== decision.event)) {
      dialog?.close();
      changedMeanwhile(e);
    } else if (dialog) {
      ($('.problem', dialog) || dialog.appendChild(el('p', { class: 'problem', role: 'alert' })))
        .textContent = e.message;
    } else {
      say(e.message);
    }
  }
}

/* A dialog that ends in a decision; every one can say who and why. */
function decideIn(title, about, fields, read, done) {
  const form = el('form', { submit: e => {
    e.preventDefault();
    const data = Object.fromEntries(new FormData(form));
    if (!signedIn()) keep.set('who', data.who.trim());
    const decision = read(data, form);
    if (!decision) return;
    if (data.why.trim()) decision.why = data.why.trim();
    attempt({ event: about.event, seq: about.seq, ...decision }, done, d);
  } }, ...fields, field('Reason (for the history)', 'why', { maxlength: 500 }),
  signedIn() ? null : field('Your name', 'who', { maxlength: 80, value: keep.get('who', '') }),
  el('div', { class: 'buttons' },
    el('button', { type: 'button', click: () => d.close() }, 'Cancel'),
    el('button', { class: 'main' }, title)));
  const d = openDialog(title, el('p', { class: 'fine', dir: 'auto' }, about.title), form);
  $('input:not([type=hidden]), textarea', form)?.focus();
  return d;
}

function withSubject(act) {
  return () => {
    const about = subject();
    if (about) act(about);
  };
}

const rename = withSubject(a => decideIn('Rename', a,
  [field('Title', 'title', { value: a.title, required: true, maxlength: 300 })],
  d => ({ kind: 'rename', title: d.title.trim() }), 'Renamed'));
const tag = withSubject(a => decideIn('Tag', a,
  [field('Tag', 'tag', { required: true, maxlength: 60 })],
  d => ({ kind: 'tag', tag: d.tag.trim() }), 'Tagged'));
const note = withSubject(a => decideIn('Note', a,
  [field('Note', 'text', { required: true, rows: 4, maxlength: 2000 })],
  d => ({ kind: 'note', text: d.text.trim() }), 'Noted'));
const toggled = (kind, opposite, mark) => withSubject(a => {
  const row = $('main').dataset.event ? $('.head') : focused();
  const on = $('.mark.' + mark, row);
  attempt({ event: a.event, seq: a.seq, kind: on ? opposite : kind }, on ? 'Undone' : 'Done');
});
const pin = toggled('pin', 'unpin', 'pinned');
const mute = toggled('mute', 'unmute', 'muted');
/* An alert's link changes nothing: it asks. */
addEventListener('load', () => {
  if (location.hash === '#mute' && onEvent() && !$('.head .mark.muted'))
    decideIn('Mute', subject(), [], () => ({ kind: 'mute' }), 'Muted');
});
/* Wanted once more, it is taken back. */
const signal = wanted => withSubject(a => {
  const value = +($('main').dataset.signal || 0) === wanted ? 0 : wanted;
  attempt({ event: a.event, seq: a.seq, kind: 'signal', value },
    value > 0 ? 'More of this' : value < 0 ? 'Less of this' : 'Signal removed');
});

/* Decisions that were made here, the last at the end; several made at once are undone at once. */
const UNDO_MOST = 50;
const remember = ids => keep.set('made', [...keep.get('made', []), ids].slice(-UNDO_MOST));
const forgetMade = id => keep.set('made', keep.get('made', []).map(ids => ids.filter(i => i !== id))
  .filter(ids => ids.length));

async function undoOne(id) {
  const decision = await call('GET', '/api/v1/decisions/' + id);
  const made = await call('POST', '/api/v1/decisions', { kind: 'undo', decision: id, who: who() });
  forgetMade(id);
  await settle(made);
  return describe(decision);
}

/* The last of them first; what was undone is said. */
async function undoAll(ids) {
  let what = '';
  try {
    for (const id of [...ids].reverse()) what = await undoOne(id);
    say(ids.length > 1 ? `Undone: ${ids.length} decisions, first ${what}` : 'Undone: ' + what);
  } catch (e) { say(e.message); }
}

/* Each time one further back. */
async function undo() {
  const last = keep.get('made', []).at(-1);
  if (!last) {
    say('You have no decision to undo; the history of an event undoes those of others');
    return;
  }
  await undoAll(last);
  last.forEach(forgetMade); /* also what cannot be undone any more */
}

/* Finds another event by its number or its words. */
function pickEvent(title, about, verb, then) {
  const found = el('div', { class: 'found' });
  const input = el('input', { 'aria-label': 'Number or title words of the other event',
    placeholder: 'Number or title words of the other event', autocomplete: 'off' });
  const form = el('form', { submit: e => { e.preventDefault(); $('button', found)?.click(); } },
    input, found,
    el('div', { class: 'buttons' }, el('button', { type: 'button', click: () => d.close() }, 'Cancel')));
  const d = openDialog(title, el('p', { class: 'fine', dir: 'auto' }, about.title), form);
  let asked = 0;
  const search = async () => {
    const turn = ++asked, text = input.value.trim();
    if (!text) { found.replaceChildren(); return; }
    let events = [];
    try {
      events = /^\d+$/.test(text) ? [await call('GET', '/api/v1/events/' + text)]
        : (await call('GET', '/api/v1/events?limit=8&q=' + encodeURIComponent(text))).events;
    } catch (e) { found.replaceChildren(el('p', { class: 'problem' }, e.message)); return; }
    if (turn !== asked) return;
    found.replaceChildren(...events.filter(e => e.id !== about.event).map(e =>
      el('button', { type: 'button', click: () => { d.close(); then(e); } },
        el('bdi', { dir: 'auto' }, e.title), el('br'),
        el('span', { class: 'fine' }, `${verb} event ${e.id}, ${counted(e.source_count, 'source')}`))));
    if (!found.childElementCount) found.append(el('p', { class: 'fine' }, 'No matching events'));
  };
  let timer;
  input.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(search, 200); });
  input.focus();
}

/* ---- several events at once ------------------------------------------------------------------ */

const picked = () => $$('#events > .event.picked');

function pick(row = focused()) {
  if (!row) return;
  row.classList.toggle('picked');
  drawPicks();
}

function clearPicks() {
  picked().forEach(r => r.classList.remove('picked'));
  document.body.classList.remove('picking');
  drawPicks();
}

/* By mouse and touch: while events are being picked, a click on a row picks it. */
function picking() {
  document.body.classList.toggle('picking');
  if (!document.body.classList.contains('picking')) clearPicks();
  drawPicks();
}
document.addEventListener('click', e => {
  const row = document.body.classList.contains('picking') && e.target.closest?.('#events > .event');
  if (!row) return;
  e.preventDefault();
  pick(row);
});

function drawPicks() {
  const rows = picked(), on = rows.length || document.body.classList.contains('picking');
  let place = $('#picks');
  if (!on) {
    place?.remove();
    return;
  }
  if (!place) document.body.append(place = el('div', { id: 'picks', role: 'toolbar', 'aria-label': 'Selected events' }));
  const b = (text, act, least) => el('button', { type: 'button', click: act, disabled: rows.length < least }, text);
  place.replaceChildren(el('span', {}, counted(rows.length, 'event') + ' selected'),
    b('Merge', mergePicked, 2), b('Tag', tagPicked, 1), b('Mute', mutePicked, 1),
    b('Mark as seen', () => { setSeen(picked(), true); clearPicks(); }, 1), b('Clear', clearPicks, 0));
}

/* The same decision on each; they are undone together. */
async function decideAll(decisions, done) {
  const ids = [];
  let problem = '';
  for (const d of decisions) {
    try { ids.push((await call('POST', '/api/v1/decisions', { ...d, who: who() })).id); }
    catch (e) { problem = e.message; break; }
  }
  if (ids.length) remember(ids);
  clearPicks();
  for (const d of decisions) await settle(d);
  say(problem || `${done} ${counted(ids.length, 'event')}; z undoes it`);
}

const reasonIn = form => form.elements.why.value.trim() || undefined;
const seqOf = row => ({ event: +row.dataset.key, seq: +row.dataset.seq });

function mutePicked() {
  decideAll(picked().map(r => ({ ...seqOf(r), kind: 'mute' })), 'Muted');
}

function tagPicked() {
  const rows = picked();
  decideIn('Tag ' + counted(rows.length, 'event'), { title: rows.map(r => $('h2', r).textContent).join(' · ') },
    [field('Tag', 'tag', { required: true, maxlength: 60 })], (d, form) => {
      form.closest('dialog').close();
      decideAll(rows.map(r => ({ ...seqOf(r), kind: 'tag', tag: d.tag.trim(), why: reasonIn(form) })), 'Tagged');
      return null;
    });
}

/* ---- merging --------------------------------------------------------------------------------- */

const significant = e => new Set([...(e.keywords || []), ...e.title.split(/[^\p{L}\p{N}]+/u)]
  .map(w => w.toLocaleLowerCase()).filter(w => w.length > 3));

function aboutEvent(e) {
  const names = e.sources.slice(0, 6).map(s => s.name).join(', ');
  return el('div', { class: 'candidate' }, el('p', { dir: 'auto' }, el('b', {}, e.title)),
    el('p', { class: 'fine' }, `event ${e.id}, ${counted(e.source_count, 'source')}: ${names}` +
      (e.source_count > 6 ? ` and ${e.source_count - 6} more` : '')));
}

/* Shows the events with their sources before they become one. */
async function mergeDialog(others, into, done) {
  let events, target;
  try {
    [target, ...events] = await Promise.all([into, ...others].map(n => call('GET', '/api/v1/events/' + n)));
  } catch (e) { say(e.message); return; }
  const words = significant(target);
  const strange = events.filter(e => ![...significant(e)].some(w => words.has(w)));
  decideIn('Merge', { event: events[0].id, seq: events[0].seq, title: '' }, [
    ...events.map(aboutEvent), el('p', { class: 'fine' }, 'will be merged with'), aboutEvent(target),
    strange.length ? el('p', { class: 'warning', role: 'alert' },
      'Look again: these share no keyword and no word of their titles.') : null,
    el('p', { class: 'fine' }, 'The larger event keeps its number; the other number leads to it.')],
  (d, form) => done(events, target, form), 'Merged');
}

const merge = withSubject(about => {
  if (picked().length > 1 || (picked().length && !picked().includes(focused()))) {
    mergePicked();
    return;
  }
  pickEvent('Merge this event into another', about, 'into', other =>
    mergeDialog([about.event], other.id, () => ({ kind: 'merge', into: other.id })));
});

/* Into the one with the focus, or else the one with the most sources. */
function mergePicked() {
  const rows = picked(), row = focused();
  if (row && !rows.includes(row)) rows.push(row);
  const into = rows.includes(row) ? row
    : rows.reduce((a, b) => sourcesOf(b) > sourcesOf(a) ? b : a);
  mergeDialog(rows.filter(r => r !== into).map(r => +r.dataset.key), +into.dataset.key,
    (events, target, form) => {
      form.closest('dialog').close();
      decideAll(events.map(e => ({ event: e.id, seq: e.seq, kind: 'merge', into: target.id, why: reasonIn(form) })),
        'Merged');
      return null;
    });
}

/* Chosen articles of the page. */
const chosen = () => $$('[data-article] > .line > input:checked').map(i => +i.value);

function choosing(on) {
  for (const li of $$('[data-article]')) {
    const box = $('.line > input', li);
    if (on && !box)
      $('.line', li).prepend(el('input', { type: 'checkbox', value: li.dataset.article,
        'aria-label': 'Choose ' + ($('.title', li)?.textContent || '') }));
    else if (!on) box?.remove();
  }
}

const needChosen = (name, act) => withSubject(about => {
  if (!$('main').dataset.event) return;
  const articles = chosen();
  if (articles.length) { act(about, articles); return; }
  choosing(true);
  $('[data-article] input')?.focus();
  say('Select articles (space bar), then ' + name + ' again');
});
const split = needChosen('Split', (about, articles) => decideIn('Split', about,
  [el('p', {}, counted(articles.length, 'article') + ' will become a separate event')],
  () => ({ kind: 'split', articles }), 'Split off'));
const move = needChosen('Move', (about, articles) => {
  if (articles.length > 1) { say('Select one article to move; to move several, split them off and merge'); return; }
  pickEvent('Move the selected article', about, 'to', other =>
    decideIn('Move', about, [el('p', {}, 'its selected article moves to'),
      el('p', { dir: 'auto' }, other.title)],
    () => ({ kind: 'move', articles, into: other.id }), 'Moved'));
});

function drawDecisions() {
  const place = $('#decide');
  if (!place) return;
  const now = +($('main').dataset.signal || 0);
  const b = (text, key, act, pressed) => el('button', { type: 'button', click: act, title: 'key ' + key,
    'aria-keyshortcuts': key, 'aria-pressed': pressed == null ? null : String(pressed) }, text);
  const muted = !!$('.head .mark.muted'), pinned = !!$('.head .mark.pinned');
  place.replaceChildren(
    b(pinned ? 'Unpin' : 'Pin', 'p', pin, pinned), b('Rename', 'e', rename), b('Merge', 'm', merge),
    el('details', { class: 'menu', click: e => { if (e.target.closest('button')) e.currentTarget.open = false; } },
      el('summary', {}, 'More'), el('div', { class: 'sheet' },
      b('More of this', '+', signal(1), now > 0), b('Less of this', '-', signal(-1), now < 0),
      b(muted ? 'Unmute' : 'Mute', 'h', mute, muted), b('Tag', 't', tag), b('Note', 'n', note),
      b('Split', 's', split), b('Move', 'v', move), b('Undo', 'z', undo))));
  for (const tag of $$('.head .tag.ours')) {
    const name = tag.textContent;
    tag.after(el('button', { type: 'button', class: 'untag', 'aria-label': 'Remove the tag ' + name,
      click: () => { const a = subject();
        attempt({ event: a.event, seq: a.seq, kind: 'untag', tag: name }, 'Removed'); } }, '×'));
  }
}

function describe(d) {
  const what = { merge: `merged into event ${d.into}`, split: `split off ${d.articles?.length === 1 ? 'an article' : d.articles?.length + ' articles'} as event ${d.into}`,
    move: `moved an article to event ${d.into}`, rename: `renamed it “${d.title}”`,
    pin: 'pinned it', unpin: 'unpinned it', mute: 'muted it', unmute: 'unmuted it',
    tag: `tagged it ${d.tag}`, untag: `removed the tag ${d.tag}`, write: `wrote its ${d.wrote}`, note: 'noted: ' + d.text,
    signal: d.after > 0 ? 'wanted more of this' : d.after < 0 ? 'wanted less of this' : 'took back the wish for more or less',
    undo: `undid decision ${d.undoes}` };
  return what[d.kind] || d.kind;
}

async function drawHistory() {
  const place = $('#history'), event = $('main').dataset.event;
  if (!place || !event) return;
  const list = [];
  let page = { next: '' };
  try {
    while (page.next !== null && list.length < 100) { /* pages of few, where notes are long */
      page = await call('GET', '/api/v1/decisions?event=' + event + (page.next && '&cursor=' + page.next));
      list.push(...page.decisions);
    }
  } catch { return; }
  if (!list.length) return;
  place.replaceChildren(el('h2', {}, 'History'), el('ol', {}, ...list.map(d =>
    el('li', {}, el(d.undone_by ? 'del' : 'span', {}, el('b', {}, d.who), ' ',
      el('bdi', {}, describe(d)), d.why ? ` (${d.why})` : ''), ' ',
    el('time', { class: 'at', datetime: new Date(d.time * 1000).toISOString() }),
    d.undone_by ? ' undone' : d.kind === 'undo' ? null : el('button', { type: 'button',
      'aria-label': 'Undo: ' + describe(d), click: () => undoAll([d.id]) }, 'Undo')))));
  writeTimes(place);
}

/* ---- keys and tools -------------------------------------------------------------------------- */

KEYS.push(
  { keys: '+', group: 'Decisions', text: 'more of this', act: signal(1) },
  { keys: '-', group: 'Decisions', text: 'less of this', act: signal(-1) },
  { keys: 'p', group: 'Decisions', text: 'pin, unpin', act: pin },
  { keys: 'h', group: 'Decisions', text: 'mute (hide), unmute', act: mute },
  { keys: 'e', group: 'Decisions', text: 'edit title', act: rename },
  { keys: 't', group: 'Decisions', text: 'tag', act: tag },
  { keys: 'n', group: 'Decisions', text: 'note', act: note },
  { keys: 'x', group: 'Decisions', text: 'select an event, to decide on several', act: () => pick(), when: inList },
  { keys: 'm', group: 'Decisions', text: 'merge', act: merge },
  { keys: 's', group: 'Decisions', text: 'split off selected articles', act: split, when: onEvent },
  { keys: 'v', group: 'Decisions', text: 'move selected articles', act: move, when: onEvent },
  { keys: 'z', group: 'Decisions', text: 'undo my last decision', act: undo },
);

Object.assign(desk, {
  dress() {
    drawDecisions();
    drawHistory();
  },
  escape() {
    choosing(false);
    clearPicks();
  },
  tools: () => inList() ? [el('button', { type: 'button', click: picking, title: 'Select events (x)',
    'aria-label': 'Select events' }, '☑')] : [],
});
