package stream

import (
	"encoding/json"
	"io"
	"regexp"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// The lines of a stream are written to a buffer, and handed to the writer with
// one call.
type lines struct {
	w    io.Writer
	err  error
	buf  jsonText
	enc  *json.Encoder
	body jsonText // of an attachment
}

// put adds a line; flush writes what was added.
func (l *lines) put(e *envelope) {
	if err := l.enc.Encode(e); err != nil && l.err == nil {
		l.err = err
	}
}

func (l *lines) flush() {
	if l.err == nil {
		_, l.err = l.w.Write(l.buf)
	}
	l.buf = l.buf[:0]
}

// attach adds what is in l.body. Only flowtest reads most of it.
func (l *lines) attach(mediaType, name, testCaseStarted, testStep string) {
	t := &l.buf
	t.raw(`{"attachment":{"body":`)
	t.quote(string(l.body))
	t.raw(`,"contentEncoding":"IDENTITY"`)
	t.text("mediaType", mediaType)
	t.text("fileName", name)
	t.text("testCaseStartedId", testCaseStarted)
	t.text("testStepId", testStep)
	t.raw("}}\n")
}

// attachOwn adds a value that only flowtest reads.
func (l *lines) attachOwn(mediaType string, v any) {
	l.body = AppendJSON(l.body[:0], v)
	l.attach(mediaType, "", "", "")
}

// time ends a message with its time.
func (l *lines) time(at time.Time) {
	t := &l.buf
	t.key("timestamp")
	t.raw("{")
	t.number("seconds", at.Unix())
	t.number("nanos", int64(at.Nanosecond()))
	t.raw("}")
	t.raw("}}\n")
}

// The known requirements are those that the stream has described. A list of them
// that comes again is written once, too.
type known struct {
	*lines

	described map[string]bool // requirements by id
	ids       map[conformance.Set]string
	lists     map[string]int // by its ids
}

func (k *known) describe(r *conformance.Requirement) {
	if !k.described[r.ID] {
		k.described[r.ID] = true
		w := requirementToWire(r)
		k.attachOwn(requirementType, &w)
	}
}

// idsOf returns the ids of a set, with blanks between them.
func (k *known) idsOf(set conformance.Set) string {
	ids, ok := k.ids[set]
	if !ok {
		ids = idsOf(set.List())
		k.ids[set] = ids
	}
	return ids
}

// list returns how ids are written: in full in an attempt that failed, which people read, and
// otherwise once for all hops that met the same requirements.
func (k *known) list(failed bool, ids string) wireList {
	if ids == "" || failed {
		return wireList{IDs: ids}
	}
	as, ok := k.lists[ids]
	if !ok {
		as = len(k.lists) + 1
		k.lists[ids] = as
		k.attachOwn(passedType, &wireList{as, ids})
	}
	return wireList{As: as}
}

// requirements describes the requirements that these findings are the first to name.
func (k *known) requirements(hops []report.Hop) {
	for i := range hops {
		e := hops[i].Evidence
		if e == nil {
			continue
		}
		if _, ok := k.ids[e.Passed]; !ok {
			for _, r := range e.Passed.List() {
				k.describe(r)
			}
		}
		for j := range e.Findings {
			if r := e.Findings[j].Requirement; r != nil {
				k.describe(r)
			}
		}
	}
}

// The definitions of a plan say which parts of a sentence are its parameters. Each is compiled
// when a step first needs it: a run uses few of them.
type definitions struct {
	pattern []func() *regexp.Regexp // returns nil for what is not a regular expression
	args    map[argsKey][]byte
}

// An argsKey is a sentence and its definition.
type argsKey struct {
	definition int
	text       string
}

func newDefinitions(list []report.Definition) definitions {
	d := definitions{args: map[argsKey][]byte{}}
	for i := range list {
		d.pattern = append(d.pattern, sync.OnceValue(func() *regexp.Regexp {
			pattern, _ := regexp.Compile(list[i].Pattern) // nil beside an error
			return pattern
		}))
	}
	return d
}

// definitionID is the id of a definition in the stream, by its number.
func definitionID(n int) string { return "definition-" + strconv.Itoa(n) }

// arguments returns the parameters of a sentence as JSON. It keeps them, since sentences are
// used many times.
func (d *definitions) arguments(definition int, text string) []byte {
	const most = 2000 // that are remembered
	key := argsKey{definition, text}
	if args, ok := d.args[key]; ok {
		return args
	}
	var t jsonText
	t.raw(`{"stepMatchArguments":[`)
	if pattern := d.pattern[definition-1](); pattern != nil {
		at := pattern.FindStringSubmatchIndex(text)
		for i := 2; i+1 < len(at); i += 2 {
			t.comma()
			t.raw(`{"group":{"children":[]`)
			if at[i] >= 0 {
				t.number("start", int64(utf8.RuneCountInString(text[:at[i]])))
				t.key("value")
				t.quote(text[at[i]:at[i+1]])
			}
			t.raw("}}")
		}
	}
	t.raw("]}")
	if len(d.args) < most {
		d.args[key] = t
	}
	return t
}
