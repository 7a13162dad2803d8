"""Read the events that storyd has merged from news feeds. Requires only libstory.

    import storyd

    with storyd.open("/var/lib/storyd") as store:
        for event in store.events(min_sources=5, words="copper", limit=20):
            print(event["source_count"], event["title"])
        for article in store.articles(event["id"]):
            print(article["source"]["name"], article["url"])

        seq = store.seq                       # keep it to continue later, or in another process
        while store.wait(seq, timeout=60):    # sleeps until there are newer changes
            for change in store.changes(seq):
                print(change["kind"], change["event"])
                seq = change["seq"]

Records are dicts, documented in storyd-db(5). An iteration reads all its records at once, from one
state of the store; use `limit` where there may be many. See libstory(3) for the rules of reading: run
readers in the group storyd, do not open a store twice in one process, nor use it after a fork.

libstory is searched in this module's prefix, then in the linker's search path; the environment
variable LIBSTORY overrides both.
"""
import ctypes
import json
import os
import pathlib

__all__ = ["Error", "Store", "open"]

END, NOT_FOUND = -30600, -30601


class Error(Exception):
    """An error of libstory; `code` is its number."""

    def __init__(self, code):
        super().__init__(_lib().story_strerror(code).decode())
        self.code = code


class _Entry(ctypes.Structure):
    _fields_ = [("seq", ctypes.c_uint64), ("number", ctypes.c_uint64), ("json", ctypes.c_void_p),
                ("length", ctypes.c_size_t)]

    def record(self):
        return json.loads(ctypes.string_at(self.json, self.length))


class _Filter(ctypes.Structure):
    _fields_ = [("min_sources", ctypes.c_int64), ("since", ctypes.c_int64)] + [
        (name, ctypes.c_char_p) for name in ("category", "lang", "source", "words", "status")]


_POINTER, _SEQ = ctypes.c_void_p, ctypes.c_uint64
_OUT = ctypes.POINTER(ctypes.c_void_p)
_FUNCTIONS = {  # name: argument types; the result is an int except in _RETURNS
    "story_open": [ctypes.c_char_p, _OUT], "story_close": [_POINTER],
    "story_view_begin": [_POINTER, _OUT], "story_view_end": [_POINTER],
    "story_last_seq": [_POINTER],
    "story_event": [_POINTER, _SEQ, ctypes.POINTER(_Entry)],
    "story_event_as_is": [_POINTER, _SEQ, ctypes.POINTER(_Entry)],
    "story_article": [_POINTER, _SEQ, ctypes.POINTER(_Entry)],
    "story_feed": [_POINTER, _SEQ, ctypes.POINTER(_Entry)],
    "story_events_where": [_POINTER, ctypes.POINTER(_Filter), _OUT],
    "story_events_from": [_POINTER, _SEQ, _OUT], "story_feeds": [_POINTER, _OUT],
    "story_changes_since": [_POINTER, _SEQ, _OUT], "story_articles_of": [_POINTER, _SEQ, _OUT],
    "story_posts_of": [_POINTER, _SEQ, _OUT], "story_pages": [_POINTER, _OUT],
    "story_decisions": [_POINTER, _SEQ, _OUT],
    "story_next": [_POINTER, ctypes.POINTER(_Entry)], "story_list_free": [_POINTER],
    "story_wait": [_POINTER, _SEQ, ctypes.c_int, ctypes.POINTER(_SEQ)],
    "story_strerror": [ctypes.c_int],
}
_RETURNS = {"story_close": None, "story_view_end": None, "story_list_free": None, "story_last_seq": _SEQ,
            "story_strerror": ctypes.c_char_p}
_loaded = []


def _lib():
    if not _loaded:
        beside = pathlib.Path(__file__).resolve().parents[2] / "libstory.so.1"
        lib = ctypes.CDLL(os.environ.get("LIBSTORY") or (str(beside) if beside.exists() else "libstory.so.1"))
        for name, arguments in _FUNCTIONS.items():
            function = getattr(lib, name)
            function.argtypes, function.restype = arguments, _RETURNS.get(name, ctypes.c_int)
        _loaded.append(lib)
    return _loaded[0]


def _check(error):
    if error:
        raise Error(error)


def open(path="/var/lib/storyd"):
    """Open the store in that folder."""
    return Store(path)


class _View:
    """One state of the store, within a `with` block."""

    def __init__(self, store):
        if not store._db:
            raise ValueError("the store is closed")
        self._store, self._view = store, ctypes.c_void_p()

    def __enter__(self):
        _check(_lib().story_view_begin(self._store._db, ctypes.byref(self._view)))
        return self._view

    def __exit__(self, *exc):
        _lib().story_view_end(self._view)


class Store:
    """An open store. Methods that iterate accept `limit`, the most records to read; 0 for all."""

    def __init__(self, path="/var/lib/storyd"):
        self._db = ctypes.c_void_p()
        _check(_lib().story_open(os.fsencode(path), ctypes.byref(self._db)))

    def close(self):
        _lib().story_close(self._db)
        self._db = ctypes.c_void_p()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def _get(self, function, number):
        entry = _Entry()
        with _View(self) as view:
            error = getattr(_lib(), function)(view, number, ctypes.byref(entry))
            if error == NOT_FOUND:
                return None
            _check(error)
            return entry.record()

    def _list(self, function, *arguments, limit=0):
        """Reads all records at once, so that no view stays open while the caller processes them."""
        records, entry, handle = [], _Entry(), ctypes.c_void_p()
        with _View(self) as view:
            _check(getattr(_lib(), function)(view, *arguments, ctypes.byref(handle)))
            try:
                error = 0
                while not error and (not limit or len(records) < limit):
                    error = _lib().story_next(handle, ctypes.byref(entry))
                    if not error:
                        records.append(entry.record())
                if error != END:
                    _check(error)
            finally:
                _lib().story_list_free(handle)
        return iter(records)

    @property
    def seq(self):
        """The number of the last change."""
        with _View(self) as view:
            return _lib().story_last_seq(view)

    def event(self, number, follow=True):
        """An event, or None; for a merged one the event that absorbed it, unless `follow` is false."""
        return self._get("story_event" if follow else "story_event_as_is", number)

    def article(self, number):
        """An article, or None."""
        return self._get("story_article", number)

    def feed(self, number):
        """A feed, or None."""
        return self._get("story_feed", number)

    def events(self, min_sources=0, since=0, category=None, lang=None, source=None, words=None, status=None,
               limit=0):
        """The events that match the filter, latest updated first, without merged ones. `since` is
        seconds since 1970; libstory(3) describes the texts: "business,world"."""
        texts = [None if t is None else t.encode() for t in (category, lang, source, words, status)]
        return self._list("story_events_where", ctypes.byref(_Filter(min_sources, int(since), *texts)), limit=limit)

    def events_by_number(self, limit=0, first=1):
        """All events by number, including the records of merged ones, from number `first` on."""
        return self._list("story_events_from", first, limit=limit)

    def articles(self, event, limit=0):
        """The articles of an event by number."""
        return self._list("story_articles_of", event, limit=limit)

    def posts(self, event, limit=0):
        """The posts of social feeds that belong to an event, by number."""
        return self._list("story_posts_of", event, limit=limit)

    def pages(self, limit=0):
        """The articles' pages and their outcomes, those of the newest articles first."""
        return self._list("story_pages", limit=limit)

    def feeds(self, limit=0):
        """The feeds by number."""
        return self._list("story_feeds", limit=limit)

    def changes(self, seq=0, limit=10000):
        """The changes after `seq`, in order; limited by default, because there may be millions."""
        return self._list("story_changes_since", seq, limit=limit)

    def decisions(self, before=0, limit=0):
        """Editors' decisions, latest first; with `before`, those before that number."""
        return self._list("story_decisions", before, limit=limit)

    def wait(self, seq, timeout=None):
        """Sleeps until there are changes after `seq`, at most `timeout` seconds. Returns the number of
        the last change, or None when there were none. Other threads continue to run."""
        last = ctypes.c_uint64()
        if not self._db:
            raise ValueError("the store is closed")
        error = _lib().story_wait(self._db, seq, -1 if timeout is None else int(timeout * 1000), ctypes.byref(last))
        if error == END:
            return None
        _check(error)
        return last.value
