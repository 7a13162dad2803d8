/* storyd's page in the browser. The server renders everything; this keeps it live, and adds the
 * keyboard and what a reader has seen; desk.js adds decisions. What it shows of the server's HTML was
 * escaped there; what it makes itself is made of text nodes. Runs in the head, so that the theme is
 * set before anything is drawn. */
'use strict';

const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];

/* An element: el('a', {href: '/'}, 'text', other) */
function el(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') e.addEventListener(name, value);
    else if (value === true) e.setAttribute(name, '');
    else if (value !== false && value != null) e.setAttribute(name, value);
  }
  e.append(...children.filter(c => c != null && c !== false));
  return e;
}

const counted = (n, what) => n + ' ' + what + (n === 1 ? '' : 's');

/* What this browser keeps; it works without, as in a private window. */
const keep = {
  get(name, otherwise) {
    try { return JSON.parse(localStorage.getItem('storyd.' + name)) ?? otherwise; }
    catch { return otherwise; }
  },
  set(name, value) {
    try { localStorage.setItem('storyd.' + name, JSON.stringify(value)); } catch { /* full */ }
  },
};

function say(text) {
  const line = $('#status');
  line.textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { line.textContent = ''; }, 5000);
}

/* ---- theme --------------------------------------------------------------------------------- */

const THEMES = ['auto', 'light', 'dark'];

function setTheme(theme) {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  $('meta[name=theme-color]').media =
    { light: 'not all', dark: 'all' }[theme] || '(prefers-color-scheme: dark)';
}
setTheme(keep.get('theme', 'auto'));

function nextTheme() {
  const theme = THEMES[(THEMES.indexOf(keep.get('theme', 'auto')) + 1) % THEMES.length];
  keep.set('theme', theme);
  setTheme(theme);
  say(theme === 'auto' ? 'Theme follows the system' : theme + ' colours');
}

/* ---- density, columns, what is hidden -------------------------------------------------------- */

/* Each is an attribute of the document, for the style sheet, while it is not the first choice. */
const SETTINGS = {
  density: ['comfortable', 'compact'],
  columns: ['one', 'two'],
  hide: ['nothing', 'seen'],
};

function applySetting(name) {
  const value = keep.get(name, SETTINGS[name][0]);
  if (value === SETTINGS[name][0]) delete document.documentElement.dataset[name];
  else document.documentElement.dataset[name] = value;
  return value;
}

function nextSetting(name, said) {
  const now = keep.get(name, SETTINGS[name][0]) === SETTINGS[name][0];
  keep.set(name, SETTINGS[name][now ? 1 : 0]);
  applySetting(name);
  say(said[now ? 1 : 0]);
  if (name === 'hide') fillScreen();
}
const density = () => nextSetting('density', ['Comfortable rows', 'Compact rows']);
const columns = () => nextSetting('columns', ['One column', 'Two columns, where there is room']);
const hideSeen = () => nextSetting('hide', ['Seen events are shown', 'Seen events are hidden']);

Object.keys(SETTINGS).forEach(applySetting);

/* ---- times --------------------------------------------------------------------------------- */

/* Each costs a millisecond to make, and an event has a hundred times to write. */
const formats = {};
const format = (name, options) => formats[name] ||= new Intl.DateTimeFormat(undefined, options);
const ABSOLUTE = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' };

function writtenOut(date) {
  const thisYear = date.getFullYear() === new Date().getFullYear();
  return (thisYear ? format('short', ABSOLUTE)
    : format('long', { ...ABSOLUTE, year: 'numeric' })).format(date);
}

function age(date) {
  const minutes = Math.floor((Date.now() - date) / 60000);
  if (minutes < 1) return 'now';
  if (minutes < 60) return minutes + ' min';
  if (minutes < 48 * 60) return Math.floor(minutes / 60) + ' h';
  if (minutes < 60 * 1440) return Math.floor(minutes / 1440) + ' d';
  return format('month', { month: 'short', year: 'numeric' }).format(date);
}

/* The server wrote UTC; the reader has a zone, and time goes on. */
function writeTimes(root = document) {
  for (const t of $$('time[datetime]', root)) {
    const date = new Date(t.dateTime);
    const text = t.className === 'age' ? age(date) : t.className === 'at' ? writtenOut(date) : null;
    if (text !== null && t.textContent !== text) t.textContent = text;
  }
}

/* An age says when that was to whoever points at it: writing all out would hold up the first screen,
 * for the browser's calendar is slow to wake. */
document.addEventListener('pointerover', e => {
  const t = e.target.closest?.('time[datetime]');
  if (t && t.className !== 'at') t.title = writtenOut(new Date(t.dateTime));
});

/* ---- the server ---------------------------------------------------------------------------- */

/* The main part of one of our pages as it is now. */
async function fetchPage(address) {
  const answer = await fetch(address, { headers: { Accept: 'text/html' } });
  if (!answer.ok) throw new Error('the server responded with status ' + answer.status);
  return new DOMParser().parseFromString(await answer.text(), 'text/html');
}

async function call(method, address, body) {
  const answer = await fetch(address, {
    method, headers: body ? { 'Content-Type': 'application/json' } : {},
    body: body && JSON.stringify(body),
  });
  const type = answer.headers.get('Content-Type') || '';
  const json = type.includes('json') ? await answer.json() : null;
  if (answer.ok) return json;
  const error = new Error(json?.detail || json?.title || 'the server responded with status ' + answer.status);
  error.status = answer.status;
  error.problem = json;
  throw error;
}

/* What desk.js adds for those who may decide; it is loaded for nobody else. */
const desk = { dress() {}, escape() {}, tools: () => [] };

/* ---- live ---------------------------------------------------------------------------------- */

const live = {
  pending: null, /* the page as it is now, while the bar offers to show what is new on it */
  timer: 0, last: 0, touched: Date.now(),
  stream: null, wait: 0, lostAt: 0,
  changed: new Set(), /* events that changed since the last look */
  unsure: false,      /* changes may have been missed: any row may be old */
  updated: new Set(), /* rows that changed in place since the bar was last clicked */
};

const rowsOf = list => new Map($$(':scope > [data-key]', list).map(r => [r.dataset.key, r]));

/* Times are written anew each minute here, and are not what changed. */
function differs(a, b) {
  if (a.dataset.seq !== b.dataset.seq) return true;
  const [x, y] = [a, b].map(r => {
    const c = r.cloneNode(true);
    $$('time', c).forEach(t => t.replaceWith(''));
    $$('.pick, .rank', c).forEach(t => t.remove());
    c.removeAttribute('class');
    return c.innerHTML;
  });
  return x !== y;
}

/* Rows that are shown become what they are now, where they stand: nothing moves. */
function refreshRows(shown, now) {
  const rows = rowsOf(shown);
  for (const [key, row] of rowsOf(now)) {
    const old = rows.get(key);
    if (!old || !differs(old, row)) continue;
    const focused = old.contains(document.activeElement);
    const rank = $('.rank', old)?.textContent;
    const fresh = document.importNode(row, true);
    if (rank) $('.rank', fresh).textContent = rank;
    if (old.classList.contains('picked')) fresh.classList.add('picked');
    fresh.classList.add('fresh');
    old.replaceWith(fresh);
    live.updated.add(key);
    writeTimes(fresh);
    showSeen(fresh);
    if (focused) $('a', fresh)?.focus({ preventScroll: true });
  }
}

/* The same for rows behind the first page. One whose event was merged or deleted is dimmed. */
async function refreshRest(keys) {
  const AT_ONCE = 100;
  for (let i = 0; i < keys.length; i += AT_ONCE) {
    const some = keys.slice(i, i + AT_ONCE);
    const asked = new URLSearchParams({ events: some.join() });
    for (const [name, value] of new URLSearchParams(location.search))
      if (name === 'q' || name === 'order') asked.set(name, value);
    const list = $('#events', await fetchPage('/rows?' + asked));
    refreshRows($('#events'), list);
    const there = rowsOf(list), shown = rowsOf($('#events'));
    for (const key of some) shown.get(key)?.classList.toggle('gone', !there.has(key));
  }
}

function bar(text) {
  const title = document.title.replace(/^\(\d+\) /, ''), n = parseInt(text, 10);
  document.title = n ? `(${n}) ${title}` : title;
  let b = $('#bar');
  if (!text) {
    b?.remove();
    return;
  }
  if (!b) {
    b = el('button', { id: 'bar', type: 'button', click: showPending });
    $('main').prepend(b);
  }
  if (b.textContent !== text) {
    b.textContent = text;
    say(text + ', press . to show');
  }
}

/* Puts the rows of the first page on top, in its order; the rows that were loaded below stay. What is
 * read stays where it is on the screen, unless that is the top. */
function mergeList(page) {
  const list = $('#events'), shown = rowsOf(list), had = document.activeElement;
  const first = rowsOf($('#events', page));
  const anchor = window.scrollY < 40 ? null : [...shown.values()].find(r =>
    r.getBoundingClientRect().bottom > 0 && !first.has(r.dataset.key));
  const before = anchor?.getBoundingClientRect().top;
  const top = [...first].map(([key, row]) => {
    const old = shown.get(key);
    if (old) return old;
    const fresh = document.importNode(row, true);
    fresh.classList.add('fresh');
    showSeen(fresh);
    return fresh;
  });
  list.prepend(...top);
  $$('.rank', list).forEach((r, i) => { r.textContent = list.start + i; });
  writeTimes(list);
  if (list.contains(had)) had.focus({ preventScroll: true });
  if (anchor) window.scrollBy(0, anchor.getBoundingClientRect().top - before);
}

function showPending() {
  if (!live.pending) return;
  const page = live.pending;
  live.pending = null;
  live.updated.clear();
  bar('');
  if ($('#events > .event') && $('#events > .event', page)) {
    mergeList(page);
    return;
  }
  $('main').replaceWith(document.importNode($('main', page), true));
  dress();
}

/* Asks for the page as it is now, and says what is new without moving what is read. False when the
 * server cannot be reached. */
async function look() {
  clearTimeout(live.timer);
  live.timer = 0;
  live.last = Date.now();
  const address = document.body.dataset.live;
  if (!address) return true;
  const unsure = live.unsure, changed = live.changed;
  live.unsure = false;
  live.changed = new Set();
  let page;
  try {
    page = await fetchPage(address);
    if ($('#events > .event') && $('#events', page)) {
      refreshRows($('#events'), $('#events', page));
      const there = rowsOf($('#events', page));
      await refreshRest([...rowsOf($('#events')).keys()].filter(k =>
        !there.has(k) && (unsure || changed.has(k))));
    }
  } catch {
    live.unsure = unsure;
    changed.forEach(k => live.changed.add(k));
    return false;
  }
  tellFollowed(unsure ? new Set(Object.keys(followed)) : changed);
  const main = $('main'), now = $('main', page);
  if ($('#events')) {
    const list = $('#events', now);
    if (!list) return true;
    const shown = rowsOf($('#events'));
    const fresh = [...rowsOf(list).keys()].filter(k => !shown.has(k)).length;
    live.pending = fresh ? page : null;
    const updated = live.updated.size ? ', ' + live.updated.size + ' updated' : '';
    bar(fresh ? fresh + ' new' + updated : '');
  } else if (main.dataset.event) {
    if (now.dataset.seq === main.dataset.seq && now.dataset.event === main.dataset.event) return true;
    live.pending = page;
    const more = $$('[data-article]', now).length - $$('[data-article]', main).length;
    bar(more > 0 ? counted(more, 'new article') : 'This event has changed');
  } else {
    refreshWhole(main, now);
  }
  if (live.pending && unattended()) showPending();
  return true;
}

/* The pages of figures: nothing in them is read by position. */
function refreshWhole(main, now) {
  const rows = $('#rows', main), next = $('#rows', now);
  const same = rows && next && $$('tr', rows).map(r => r.dataset.key).join() ===
    $$('tr', next).map(r => r.dataset.key).join();
  if (same) {
    refreshRows(rows, next);
  } else if (!main.contains(document.activeElement)) {
    main.replaceWith(document.importNode(now, true));
    dress();
  }
}

/* A screen on the wall: nobody has touched it for two minutes, and it stands at its top. */
const unattended = () => Date.now() - live.touched > 120000 && window.scrollY < 40 && !$('dialog[open]');

/* Changes come in bunches: one look for all of them, and at most one in two seconds; in five, when
 * the last one failed. */
function lookSoon(pause = 2000) {
  if (!live.timer)
    live.timer = setTimeout(async () => { if (!await look()) lookSoon(5000); },
      Math.max(400, live.last + pause - Date.now()));
}

function linkState() {
  const s = $('#link-state');
  if (!s) return;
  const at = live.lostAt && format('clock', { hour: '2-digit', minute: '2-digit' }).format(live.lostAt);
  s.textContent = at ? 'not live since ' + at : 'live';
  s.title = at ? 'storyd does not answer; this page goes on trying' : '';
  s.classList.toggle('lost', !!at);
}

function isLive(yes) {
  live.lostAt = yes ? 0 : live.lostAt || Date.now();
  linkState();
}

function listen() {
  if (!document.body.dataset.live || !window.EventSource) return;
  if (!$('#events') && !$('main').dataset.event) {
    setInterval(async () => document.hidden || isLive(await look()), 5000);
    isLive(true);
    return;
  }
  openStream();
  /* A browser has few connections to a server: only tabs that are looked at keep one. */
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) closeStream();
    else openStream();
  });
  window.addEventListener('online', openStream);
}

function closeStream() {
  clearTimeout(live.reopen);
  live.stream?.close();
  live.stream = null;
  live.unsure = true;
}

/* An event source gives up for good when it is answered with an error, as by a proxy while storyd
 * restarts, or when a sign-in has expired. This one goes on, up to a minute apart. */
function openStream() {
  const FIRST = 1000, LONGEST = 60000;
  closeStream();
  const stream = live.stream = new EventSource('/api/v1/stream');
  stream.onopen = () => {
    live.wait = 0;
    isLive(true);
    lookSoon(); /* what came meanwhile */
  };
  stream.onerror = () => {
    closeStream();
    isLive(false);
    live.wait = Math.min(live.wait * 2 || FIRST, LONGEST);
    if (!document.hidden)
      live.reopen = setTimeout(openStream, live.wait * (0.5 + Math.random() / 2));
  };
  stream.addEventListener('change', e => {
    const change = JSON.parse(e.data);
    for (const name of ['event', 'from', 'into'])
      if (change[name]) live.changed.add(String(change[name]));
    lookSoon();
  });
}

/* ---- what has been seen ---------------------------------------------------------------------- */

const SEEN_MOST = 4000; /* events that this browser remembers, the latest */

const sourcesOf = row => parseInt($('.counts b', row)?.textContent, 10) || 0;

/* {event: [sources when it was seen, sequence]} */
const seen = keep.get('seen', {});
const followed = keep.get('followed', {}); /* {event: sources that were told} */

function keepSeen() {
  const keys = Object.keys(seen); /* numbers: in ascending order */
  keys.slice(0, Math.max(keys.length - SEEN_MOST, 0)).forEach(k => delete seen[k]);
  keep.set('seen', seen);
}

/* How a row looks to somebody who has seen the event, or has not, or saw it with fewer sources. */
function showSeen(row) {
  const was = seen[row.dataset.key], more = was ? sourcesOf(row) - was[0] : 0;
  row.classList.toggle('seen', !!was && more <= 0);
  row.classList.toggle('unread', !was);
  row.classList.toggle('followed', row.dataset.key in followed);
  row.classList.toggle('starred', mine.starred.has(row.dataset.key));
  mine.ask(row.dataset.key);
  $('.mark.grown', row)?.remove();
  if (more > 0)
    $('.marks', row)?.prepend(el('span', { class: 'mark grown' }, counted(more, 'source') + ' more since you saw it'), ' ');
}

function setSeen(rows, yes) {
  for (const row of rows) {
    if (yes) seen[row.dataset.key] = [sourcesOf(row), +row.dataset.seq];
    else delete seen[row.dataset.key];
    showSeen(row);
  }
  keepSeen();
  mine.tell(rows.map(row => row.dataset.key), { seen: yes });
}

function toggleSeen() {
  const row = focused();
  if (!row) return;
  const yes = !row.classList.contains('seen');
  if (yes && keep.get('hide', 'nothing') === 'seen') step(1);
  setSeen([row], yes);
}

/* Those up to the one with the focus, or all that are loaded. */
function seenAbove() {
  const rows = $$('#events > .event'), at = rows.indexOf(focused());
  const some = at < 0 ? rows : rows.slice(0, at + 1);
  setSeen(some, true);
  say(counted(some.length, 'event') + ' marked as seen');
  fillScreen();
}

/* Where seen events are hidden, more are loaded until the screen is full. */
function fillScreen() {
  const end = $('#more')?.getBoundingClientRect().top;
  if (end != null && end < window.innerHeight) more();
}

/* The last visit ends when the page was last looked at, half an hour or more ago. */
function lastVisit() {
  const PAUSE = 30 * 60000, now = Date.now(), last = keep.get('looked', null);
  if (last && now - last.at > PAUSE) keep.set('visit', last);
  return keep.get('visit', null);
}

function noteVisit() {
  const newest = Math.max(0, ...$$('#events > .event').map(r => +r.dataset.key));
  const was = keep.get('looked', null)?.newest || 0;
  keep.set('looked', { at: Date.now(), newest: Math.max(was, newest) });
}

/* Events are numbered as they begin. In the order of beginning, a line stands before the first one
 * that was there at the last visit; in other orders, those that were not are counted. */
function showVisit() {
  const visit = lastVisit(), list = $('#events');
  $('#since')?.remove();
  if (!visit || !list || !$('.event', list)) return;
  const rows = $$(':scope > .event', list), fresh = rows.filter(r => +r.dataset.key > visit.newest);
  rows.forEach(r => r.classList.toggle('since', fresh.includes(r)));
  if (!fresh.length || fresh.length === rows.length) return;
  const when = writtenOut(new Date(visit.at));
  if ($('.top nav [aria-current]')?.search.includes('order=new'))
    fresh.at(-1).after(el('li', { id: 'since' }, 'since your last visit, ' + when));
  else
    list.before(el('p', { id: 'since' }, counted(fresh.length, 'event') + ' of these are new since your last visit, ' + when));
}

function dressRows() {
  $$('#events > .event').forEach(showSeen);
  const main = $('main');
  if (main.dataset.event) {
    seen[main.dataset.event] = [sourcesOf(main), +main.dataset.seq];
    keepSeen();
    mine.ask(main.dataset.event);
    mine.tell([main.dataset.event], { seen: true });
  }
  showVisit();
}

/* ---- events that are followed ---------------------------------------------------------------- */

async function follow() {
  const main = $('main'), row = focused();
  const key = main.dataset.event || row?.dataset.key;
  if (!key) return;
  if (key in followed) delete followed[key];
  else followed[key] = sourcesOf(main.dataset.event ? main : row);
  keep.set('followed', followed);
  mine.tell([key], { followed: key in followed });
  if (row) showSeen(row);
  drawFollow();
  if (!(key in followed)) { say('No longer followed'); return; }
  if (window.Notification?.permission === 'default') await Notification.requestPermission();
  say(window.Notification?.permission === 'granted' ? 'Followed: you are notified of new sources while storyd is open'
    : 'Followed: it is marked in the list; this browser does not allow notifications');
}

/* Tells of new sources of followed events among those that have changed. */
async function tellFollowed(changed) {
  for (const key of Object.keys(followed).filter(k => changed.has(k))) {
    let event;
    try { event = await call('GET', '/api/v1/events/' + key); } catch { continue; }
    const more = event.source_count - (followed[key] || event.source_count);
    followed[key] = event.source_count;
    keep.set('followed', followed);
    if (more > 0 && window.Notification?.permission === 'granted')
      new Notification(event.title, { body: counted(more, 'more source') + ', ' + event.source_count + ' now', tag: 'storyd-' + key })
        .addEventListener('click', () => { window.focus(); location.href = '/event/' + key; });
  }
}

function drawFollow() {
  const place = $('#follow'), key = $('main').dataset.event;
  if (!place || !key) return;
  const on = key in followed, address = location.origin + '/event/' + key;
  place.replaceChildren(...[
    el('button', { type: 'button', click: follow, title: 'key w', 'aria-keyshortcuts': 'w',
      'aria-pressed': String(on) }, on ? 'Followed' : 'Follow'),
    mine.on && el('button', { type: 'button', click: star, title: 'key *', 'aria-keyshortcuts': '*',
      'aria-pressed': String(mine.starred.has(key)) }, mine.starred.has(key) ? 'Starred' : 'Star'),
    navigator.clipboard && el('button', { type: 'button', click: async () => {
      try { await navigator.clipboard.writeText(address); say('Link copied'); }
      catch { say('The link could not be copied: ' + address); }
    } }, 'Copy link'),
    navigator.share && el('button', { type: 'button', click: () =>
      navigator.share({ title: $('h1').textContent, url: address }).catch(() => {}) }, 'Share'),
  ].filter(Boolean));
}

/* ---- what the server keeps ------------------------------------------------------------------- */

/* For a reader with a name, the server keeps what was seen, starred and is followed; feed readers share
 * it. This browser then holds a copy of what it shows. */
const mine = {
  on: false, starred: new Set(),
  asked: new Set(), queue: new Set(), timer: 0,
  changes: 0,                 /* answers to what was asked before a change are out of date */
  sent: Promise.resolve(),    /* changes are sent in order */

  tell(keys, flags) {
    const AT_ONCE = 1000;
    if (!mine.on) return;
    mine.changes++;
    for (let i = 0; i < keys.length; i += AT_ONCE) {
      const events = keys.slice(i, i + AT_ONCE).map(Number);
      mine.sent = mine.sent.then(() => call('POST', '/api/v1/me/state', { events, ...flags }))
        .catch(e => say('What you have read is not kept: ' + e.message));
    }
  },

  ask(key) {
    if (!mine.on || mine.asked.has(key)) return;
    mine.asked.add(key);
    mine.queue.add(key);
    mine.timer ||= setTimeout(mine.learn, 50);
  },

  async learn() {
    const AT_ONCE = 200, keys = [...mine.queue].slice(0, AT_ONCE);
    keys.forEach(k => mine.queue.delete(k));
    await mine.sent;
    const changes = mine.changes;
    try {
      const { events } = await call('GET', '/api/v1/me/state?events=' + keys.join());
      if (changes === mine.changes) events.forEach(mine.take);
      else keys.forEach(k => mine.queue.add(k));
    } catch { keys.forEach(k => mine.asked.delete(k)); }
    mine.timer = mine.queue.size ? setTimeout(mine.learn, 50) : 0;
    keepSeen();
    drawFollow();
    fillScreen();
  },

  take(e) {
    const key = String(e.event), row = rowsOf($('#events') || document.body).get(key);
    if (e.seen) seen[key] = [e.sources || sourcesOf(row || $('main')), e.seq || 0];
    else delete seen[key];
    if (!e.followed) delete followed[key];
    else followed[key] ??= e.sources || 0;
    mine.starred[e.starred ? 'add' : 'delete'](key);
    if (row) showSeen(row);
  },

  /* All that are starred or followed. */
  async all(flag) {
    const found = [];
    for (let next = ''; next !== null;) {
      const page = await call('GET', `/api/v1/me/state?${flag}=yes&limit=500` + (next && '&cursor=' + next));
      found.push(...page.events);
      next = page.next;
    }
    return found;
  },

  /* What this browser kept until now is sent once; what it kept of another reader is not. */
  async begin() {
    const me = await call('GET', '/api/v1/me'), was = keep.get('reader', null);
    if (!me.state) return;
    mine.on = true;
    if (was === null) {
      mine.tell(Object.keys(seen), { seen: true });
      mine.tell(Object.keys(followed), { followed: true });
    }
    await mine.sent;
    const all = await mine.all('followed');
    for (const o of [followed, ...(was === null || was === me.name ? [] : [seen])])
      Object.keys(o).forEach(k => delete o[k]);
    all.forEach(e => { followed[e.event] = e.sources || 0; });
    keep.set('reader', me.name);
    keep.set('followed', followed);
    dressRows();
    drawFollow();
  },

  again() {
    mine.asked.clear();
    $$('#events > .event').forEach(r => mine.ask(r.dataset.key));
  },
};

function star() {
  const key = $('main').dataset.event || focused()?.dataset.key;
  if (!key) return;
  const on = !mine.starred.has(key);
  mine.starred[on ? 'add' : 'delete'](key);
  mine.tell([key], { starred: on });
  if (focused()) showSeen(focused());
  drawFollow();
  say(on ? 'Starred' : 'No longer starred');
}

async function showStarred() {
  const MOST = 100;
  try {
    await mine.sent;
    const page = await call('GET', `/api/v1/me/state?starred=yes&limit=${MOST}`);
    const rows = page.events.length
      ? $$('#events > .event', await fetchPage('/rows?events=' + page.events.map(e => e.event).join())) : [];
    openDialog('Starred events', rows.length ? el('ul', {}, ...rows.map(r => el('li', { dir: 'auto' },
      el('a', { href: '/event/' + r.dataset.key }, $('h2', r).textContent)))) : el('p', {}, 'None'),
    el('form', { method: 'dialog', class: 'buttons' }, el('button', {}, 'Close')));
  } catch (e) { say(e.message); }
}

/* In a long event, a field that shows only the articles with some words. */
function drawFind() {
  const LEAST = 8, list = $('.reports');
  if (!list || $$('[data-article]', list).length < LEAST) return;
  const input = el('input', { id: 'find-article', type: 'search', placeholder: 'Find an article',
    'aria-label': 'Find an article of this event' });
  input.addEventListener('input', () => {
    const words = input.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const has = li => words.every(w => li.textContent.toLocaleLowerCase().includes(w));
    for (const li of $$('[data-article]', list)) li.hidden = !has(li);
  });
  list.before(input);
}

/* ---- the list ------------------------------------------------------------------------------ */

/* Of the events of a list that are not hidden, or of the articles of an event. */
const links = () => $$($('#events') ? '#events h2 a' : '[data-article] .title').filter(a => a.offsetParent);
const focused = () => document.activeElement?.closest('.event');

function step(by) {
  const all = links();
  if (!all.length) return;
  const row = focused(), here = all.indexOf(row ? $('h2 a', row) : document.activeElement);
  const to = all[Math.min(Math.max(here + by, 0), all.length - 1)];
  to.focus({ preventScroll: true });
  to.closest('.event, [data-article]').scrollIntoView({ block: 'nearest' });
  if (here + by >= all.length - 3) more();
}

/* The next page of the list, put behind this one. */
async function more() {
  const link = $('#more');
  if (!link || link.ariaBusy === 'true') return;
  link.ariaBusy = 'true';
  link.textContent = 'Loading …';
  try {
    const page = await fetchPage(link.href);
    const known = rowsOf($('#events'));
    for (const [key, row] of rowsOf($('#events', page)))
      if (!known.has(key)) {
        $('#events').append(document.importNode(row, true));
        showSeen($('#events').lastElementChild);
      }
    const next = $('#more', page);
    if (next) link.replaceWith(watchMore(document.importNode(next, true)));
    else link.parentNode.remove();
    writeTimes();
    fillScreen();
  } catch (e) {
    link.ariaBusy = 'false';
    link.textContent = 'More events';
    say('More events could not be loaded: ' + e.message);
  }
}

const nearEnd = window.IntersectionObserver &&
  new IntersectionObserver(seen => seen.some(s => s.isIntersecting) && more(), { rootMargin: '600px' });

function watchMore(link) {
  link.addEventListener('click', e => { e.preventDefault(); more(); });
  nearEnd?.disconnect();
  nearEnd?.observe(link);
  return link;
}

function open() {
  const row = focused(), all = links();
  const link = row ? $('h2 a', row) : all.includes(document.activeElement) ? document.activeElement : all[0];
  link?.click();
}

function back() {
  const link = $('#back');
  if (!link) return;
  if (sessionStorage.getItem('storyd.list')) history.back();
  else location.href = link.href;
}

/* ---- saved views --------------------------------------------------------------------------- */

function drawViews() {
  const place = $('#views');
  if (!place) return;
  const views = keep.get('views', []);
  const name = el('input', { 'aria-label': 'Name of this view', placeholder: 'Name of this view',
    maxlength: 60 });
  const list = el('ul', {}, ...views.map((v, i) => el('li', {},
    el('a', { href: v.address }, v.name), i < 9 ? el('kbd', {}, String(i + 1)) : null,
    el('button', { type: 'button', 'aria-label': 'Delete the view ' + v.name, click: () => {
      keep.set('views', keep.get('views', []).filter(w => w.name !== v.name));
      drawViews();
      $('#views details').open = true;
    } }, '×'))));
  const save = () => {
    if (!name.value.trim()) { name.focus(); return; }
    const address = location.pathname + location.search;
    keep.set('views', [...keep.get('views', []).filter(v => v.name !== name.value.trim()),
      { name: name.value.trim(), address }]);
    drawViews();
    say('Saved in this browser');
  };
  name.addEventListener('keydown', e => { if (e.key === 'Enter') { e.preventDefault(); save(); } });
  place.replaceChildren(el('details', { class: 'menu' }, el('summary', {}, 'Views'),
    el('div', { class: 'sheet' }, list, name, ' ',
      el('button', { type: 'button', click: save }, 'Save'))));
}

/* Empty fields do not belong in an address. */
function tidyForm() {
  const form = $('.filters');
  form?.addEventListener('submit', () => {
    for (const field of $$('input, select', form)) if (!field.value) field.disabled = true;
    setTimeout(() => $$('input, select', form).forEach(f => { f.disabled = false; }), 0);
  });
  for (const s of form ? $$('select, input[type=checkbox]', form) : [])
    s.addEventListener('change', () => form.requestSubmit());
}

/* ---- dialogs ------------------------------------------------------------------------------- */

function openDialog(title, ...content) {
  const d = el('dialog', { 'aria-labelledby': 'dialog-title' },
    el('h2', { id: 'dialog-title', tabindex: -1, autofocus: true }, title), ...content);
  d.addEventListener('close', () => d.remove());
  d.addEventListener('click', e => { if (e.target === d) d.close(); });
  document.body.append(d);
  d.showModal();
  return d;
}

function help() {
  if ($('dialog.help')) return;
  const sections = {};
  for (const k of KEYS.filter(k => k.text && (!k.when || k.when())))
    (sections[k.group] ||= []).push(k);
  const d = openDialog('Keyboard', el('div', { class: 'columns' },
    ...Object.entries(sections).map(([name, keys]) => el('section', {}, el('h3', {}, name),
      el('dl', {}, ...keys.flatMap(k => [
        el('dt', {}, ...k.keys.split(' ').flatMap((key, i) =>
          [i ? (k.then ? ' ' : ' or ') : null, el('kbd', {}, key)])),
        el('dd', {}, k.text)]))))),
    el('form', { method: 'dialog', class: 'buttons' }, el('button', {}, 'Close')));
  d.classList.add('help');
}

/* ---- keys ---------------------------------------------------------------------------------- */

const inList = () => !!$('#events');
const onEvent = () => !!$('main').dataset.event;
const go = href => () => { location.href = href; };
const rank = i => () => { location.href = $$('.top nav a')[i].href; };
const KEYS = [
  { keys: 'j', group: 'Reading', text: 'next event', act: () => step(1), when: inList },
  { keys: 'k', group: 'Reading', text: 'previous event', act: () => step(-1), when: inList },
  { keys: 'o Enter', group: 'Reading', text: 'open event', act: open, when: inList, first: true },
  { keys: 'j', group: 'Reading', text: 'next article', act: () => step(1), when: onEvent },
  { keys: 'k', group: 'Reading', text: 'previous article', act: () => step(-1), when: onEvent },
  { keys: 'o Enter', group: 'Reading', text: 'open article', act: open, when: onEvent, first: true },
  { keys: 'u', group: 'Reading', text: 'back to the list', act: back, when: onEvent },
  { keys: 'r', group: 'Reading', text: 'mark as seen or unseen', act: toggleSeen, when: inList },
  { keys: 'a', group: 'Reading', text: 'mark this and all above as seen', act: seenAbove, when: inList },
  { keys: 'w', group: 'Reading', text: 'follow, or no longer', act: follow },
  { keys: '*', group: 'Reading', text: 'star, or no longer', act: star, when: () => mine.on },
  { keys: '.', group: 'Reading', text: 'show new events', act: showPending },
  { keys: '/', group: 'Reading', text: 'search', act: search },
  { keys: 'f', group: 'Reading', text: 'filters', act: filters, when: inList },
  { keys: 'g t', then: true, group: 'Navigation', text: 'top events', act: rank(0) },
  { keys: 'g n', then: true, group: 'Navigation', text: 'new events', act: rank(1) },
  { keys: 'g r', then: true, group: 'Navigation', text: 'rising events', act: rank(2) },
  { keys: 'g s', then: true, group: 'Navigation', text: 'starred events', act: showStarred, when: () => mine.on },
  { keys: 'g f', then: true, group: 'Navigation', text: 'feeds', act: go('/feeds') },
  { keys: 'g m', then: true, group: 'Navigation', text: 'system status', act: go('/machine') },
  { keys: 'g g', then: true, group: 'Navigation', text: 'top of the page', act: () => window.scrollTo({ top: 0 }) },
  { keys: '1 … 9', then: true, group: 'Navigation', text: 'saved view', when: inList },
  { keys: 'c', group: 'Page', text: 'density: comfortable or compact', act: density, when: inList },
  { keys: 'y', group: 'Page', text: 'hide or show what was seen', act: hideSeen, when: inList },
  { keys: 'l', group: 'Page', text: 'one or two columns', act: columns, when: inList },
  { keys: 'd', group: 'Page', text: 'theme: light, dark or system', act: nextTheme },
  { keys: '?', group: 'Page', text: 'this help', act: help },
];

function search() {
  const box = $('#q');
  if (box) { box.focus(); box.select(); } else location.href = '/#q';
}

/* What the filters can be set to, of the events there are, most frequent first. Without an answer
 * they are filled in by hand. */
async function suggest() {
  const found = await call('GET', '/api/v1/filters?limit=200').catch(() => ({}));
  let languages;
  try { languages = new Intl.DisplayNames(undefined, { type: 'language' }); } catch { /* codes do */ }
  const named = code => { try { return languages?.of(code); } catch { return null; } };
  for (const [filter, values] of Object.entries(found))
    $('#of-' + filter)?.replaceChildren(...values.map(v => {
      const name = filter === 'lang' ? named(v.value) : v.name;
      return el('option', { value: v.value, label: (name ? name + ', ' : '') + counted(v.events, 'event') });
    }));
}

function filters() {
  const d = $('#filters');
  if (!d) return;
  d.open = !d.open;
  if (d.open) $('select, input', d)?.focus();
}

let prefix = '', prefixTimer;

function onKey(e) {
  live.touched = Date.now();
  if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || $('dialog[open]')) return;
  const typing = e.target.closest?.('input:not([type=checkbox]), textarea, select');
  if (e.key === 'Escape') {
    $$('details#filters[open], details.menu[open]').forEach(d => { d.open = false; });
    if (typing) e.target.blur();
    desk.escape();
    return;
  }
  if (typing) return;
  const pressed = prefix + e.key;
  clearTimeout(prefixTimer);
  prefix = '';
  if (e.key === 'g' && pressed === 'g') {
    prefix = 'g ';
    prefixTimer = setTimeout(() => { prefix = ''; }, 1500);
    return;
  }
  const view = /^[1-9]$/.test(pressed) && inList() && keep.get('views', [])[+pressed - 1];
  if (view) { location.href = view.address; return; }
  const key = KEYS.find(k => (k.keys === pressed || (k.first && k.keys.split(' ')[0] === pressed)) &&
    k.act && (!k.when || k.when()));
  if (!key) return;
  e.preventDefault();
  key.act();
}

/* ---- start --------------------------------------------------------------------------------- */

function drawTools() {
  $('#tools').replaceChildren(...[
    document.body.dataset.live ? el('span', { id: 'link-state' }, 'connecting') : '',
    ...desk.tools(),
    $('#events') && el('button', { type: 'button', click: density, title: 'Density (c)', 'aria-label': 'Density' }, '≡'),
    el('button', { type: 'button', click: nextTheme, title: 'Theme (d)',
      'aria-label': 'Theme' }, '◐'),
    el('button', { type: 'button', click: help, title: 'Keyboard (?)', 'aria-label': 'Keyboard help' }, '?')].filter(Boolean));
}

/* What a main part needs that just came from the server. */
function dress() {
  writeTimes();
  dressRows();
  drawFollow();
  drawFind();
  desk.dress();
  const link = $('#more');
  if (link) watchMore(link);
  $('#back')?.addEventListener('click', e => { e.preventDefault(); back(); });
}

document.addEventListener('DOMContentLoaded', () => {
  drawTools();
  drawViews();
  tidyForm();
  $('#filters')?.addEventListener('toggle', e => { if (e.target.open) suggest(); });
  dress();
  listen();
  mine.begin().catch(e => say(e.message));
  if (inList()) sessionStorage.setItem('storyd.list', '1');
  noteVisit();
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) { showVisit(); mine.again(); }
    noteVisit();
  });
  if (location.hash === '#q') search();
  setInterval(writeTimes, 30000);
  document.addEventListener('keydown', onKey);
  for (const kind of ['pointerdown', 'wheel', 'touchstart'])
    document.addEventListener(kind, () => { live.touched = Date.now(); }, { passive: true });
});
