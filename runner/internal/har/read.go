package har

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"flowtest/steps/words"
)

// Read reads a HAR. It only counts entries that belong to no flow, so that the memory depends on
// the entries of flows and not on the size of the file.
//
// The error says with its place what is not JSON or not HAR, that the file is cut off or over a
// bound, or that it has no sign-on that could be used; or it is the reader's own.
func Read(r io.Reader) (*Archive, error) {
	d := &decoding{from: newSource(r), sort: newSorter()}
	if why := d.from.skipMark(); why != "" {
		return nil, syntaxError(1, 0, why)
	}
	d.json = json.NewDecoder(d.from)
	if err := d.file(); err != nil {
		return nil, d.explain(err)
	}
	a := &Archive{Legend: d.legend, Groups: d.sort.groups()}
	if len(a.Journeys) == 0 {
		return nil, noFlow(d.entries, &a.Groups)
	}
	return a, nil
}

// A decoding is the state of decoding one file.
type decoding struct {
	from    *source
	json    *json.Decoder
	sort    *sorter
	legend  Legend
	entries int
	found   bool // log.entries
}

// file reads the whole file.
func (d *decoding) file() error {
	var keys []string
	if err := d.opens('{', "the top level"); err != nil {
		return err
	}
	err := d.members(func(key string) error {
		if key == "log" {
			return d.log()
		}
		keys = append(keys, key)
		return d.skip()
	})
	if err != nil {
		return err
	}
	if !d.found {
		return formatError("an object with " + named(keys))
	}
	if _, err := d.json.Token(); !errors.Is(err, io.EOF) {
		line, offset := d.from.place(d.json.InputOffset())
		return syntaxError(line, offset, "more follows after the end of the HAR")
	}
	return nil
}

// log reads the member log.
func (d *decoding) log() error {
	if err := d.opens('{', "log"); err != nil {
		return err
	}
	var keys []string
	err := d.members(func(key string) error {
		switch key {
		case "entries":
			return d.all()
		case legendKey:
			return d.decode(&d.legend)
		}
		keys = append(keys, key)
		return d.skip()
	})
	if err == nil && !d.found {
		return formatError("log with " + named(keys))
	}
	return err
}

// all reads the member entries.
func (d *decoding) all() error {
	if err := d.opens('[', "log.entries"); err != nil {
		return err
	}
	d.found = true
	for d.json.More() {
		if d.entries == maxEntries {
			return sizeError(fmt.Sprintf("over %d entries", maxEntries), "fewer")
		}
		d.from.mark(d.json.InputOffset())
		var e entry
		err := d.json.Decode(&e)
		wrong, isWrong := errors.AsType[*json.UnmarshalTypeError](err)
		if err != nil && !isWrong {
			return err
		}
		d.entries++
		d.sort.entry(d.entries, &e, wrong)
	}
	d.from.mark(d.json.InputOffset())
	return d.closes()
}

// decode reads a value into v as far as it fits; what has another type than
// v is left out.
func (d *decoding) decode(v any) error {
	err := d.json.Decode(v)
	if _, wrong := errors.AsType[*json.UnmarshalTypeError](err); wrong {
		return nil
	}
	return err
}

// passed decodes a value of any type and keeps nothing of it.
type passed struct{}

// UnmarshalJSON implements [json.Unmarshaler].
func (passed) UnmarshalJSON([]byte) error { return nil }

func (d *decoding) skip() error { return d.json.Decode(&passed{}) }

// members calls read for every member of an object that was opened.
func (d *decoding) members(read func(key string) error) error {
	for d.json.More() {
		d.from.mark(d.json.InputOffset())
		t, err := d.json.Token()
		if err != nil {
			return err
		}
		key, _ := t.(string) // the decoder lets nothing else through
		if err := read(key); err != nil {
			return err
		}
	}
	return d.closes()
}

func (d *decoding) closes() error {
	_, err := d.json.Token()
	return err
}

// opens reads the bracket with which a value has to begin.
func (d *decoding) opens(want json.Delim, what string) error {
	t, err := d.json.Token()
	if err != nil {
		return err
	}
	if t == want {
		return nil
	}
	found := "a string"
	switch t := t.(type) {
	case json.Delim:
		found = map[json.Delim]string{'[': "an array", '{': "an object"}[t]
	case float64:
		found = "a number"
	case bool:
		found = "true or false"
	case nil:
		found = "null"
	}
	return formatError(what + " as " + found)
}

func syntaxError(line int, offset int64, why string) error {
	return fmt.Errorf("line %d, byte %d: not JSON: %s", line, offset, why)
}

func formatError(found string) error {
	return errors.New("this is not a HAR: found " + found + ", want an object whose log.entries is an array")
}

func sizeError(found, want string) error {
	return errors.New(found + ", want " + want + ": filter by the host of the sign-on before you save")
}

// explain returns where the decoder stopped, and why.
func (d *decoding) explain(err error) error {
	syntax, isSyntax := errors.AsType[*json.SyntaxError](err)
	switch {
	case errors.Is(err, errEntry):
		found := fmt.Sprintf("entry %d is over %d MiB", d.entries+1, maxEntry>>20)
		return sizeError(found, "the exchanges of a sign-on")
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		line, offset := d.from.place(d.from.given)
		return fmt.Errorf("the file is cut off at line %d, byte %d, after %s: save it again",
			line, offset, plural(d.entries, "whole entry", "whole entries"))
	case isSyntax:
		at := d.json.InputOffset()
		line, offset := d.from.place(at + d.within(syntax, at))
		return syntaxError(line, offset, syntax.Error())
	default:
		return err
	}
}

// within returns how far after at, where the value began, a mistake is. The
// decoder's own offsets of mistakes within values count other bytes.
func (d *decoding) within(err *json.SyntaxError, at int64) int64 {
	if err.Offset == at {
		return 0 // it was found between values
	}
	text, _ := io.ReadAll(d.json.Buffered()) // it reads memory
	if again, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(text, &passed{})); ok {
		return max(0, again.Offset-1)
	}
	return 0
}

// named lists the keys that an object has.
func named(keys []string) string {
	const most = 8
	if len(keys) == 0 {
		return "no keys"
	}
	slices.Sort(keys)
	for i, key := range keys {
		keys[i] = short(key)
	}
	return "the keys " + words.List(keys, most)
}

// short shortens a foreign text for a message, and puts it on one line.
func short(text string) string {
	const most = 40
	return words.Cut(strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, text), most)
}
