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

// Read reads a HAR. Entries of no flow are counted and forgotten, so memory
// follows what there is of flows and not the size of the file.
//
// The error is a [*SyntaxError], [*FormatError], [*SizeError], [*CutOffError] or
// [*NoFlowError], or the reader's own. With a CutOffError comes the archive of
// the entries that were whole.
func Read(r io.Reader) (*Archive, error) {
	d := &decoding{from: newSource(r), sort: newSorter()}
	if why := d.from.skipMark(); why != "" {
		return nil, &SyntaxError{Line: 1, Why: why}
	}
	d.json = json.NewDecoder(d.from)
	err := d.file()
	a := &Archive{Creator: d.creator, Entries: d.entries, Legend: d.legend}
	if err != nil {
		err = d.explain(err)
		if _, cut := errors.AsType[*CutOffError](err); !cut {
			return nil, err
		}
	}
	a.Groups = d.sort.groups()
	if err == nil && len(a.Takes) == 0 {
		return nil, &NoFlowError{a.Entries, a.Ignored, a.Problems}
	}
	return a, err
}

// A decoding is one file on its way through the decoder.
type decoding struct {
	from    *source
	json    *json.Decoder
	sort    *sorter
	creator string
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
		return &FormatError{"an object with " + named(keys)}
	}
	if _, err := d.json.Token(); !errors.Is(err, io.EOF) {
		return &misfit{"more follows after the end of the HAR"}
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
		case "creator":
			return d.by()
		case legendKey:
			return d.decode(&d.legend)
		}
		keys = append(keys, key)
		return d.skip()
	})
	if err == nil && !d.found {
		return &FormatError{"log with " + named(keys)}
	}
	return err
}

// by notes who wrote the file.
func (d *decoding) by() error {
	var c struct{ Name, Version string }
	if err := d.decode(&c); err != nil {
		return err
	}
	d.creator = strings.TrimSpace(c.Name + " " + c.Version)
	return nil
}

// all reads the member entries.
func (d *decoding) all() error {
	if err := d.opens('[', "log.entries"); err != nil {
		return err
	}
	d.found = true
	for d.json.More() {
		if d.entries == maxEntries {
			return &SizeError{fmt.Sprintf("over %d entries", maxEntries), "fewer"}
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

// passed takes a value of any type and keeps nothing of it.
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

// opens takes the bracket with which a value has to begin.
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
	return &FormatError{what + " as " + found}
}

// A misfit is JSON that goes on where the file should end.
type misfit struct{ why string }

// Error implements error.
func (m *misfit) Error() string { return m.why }

// explain says where the decoder stopped, and why.
func (d *decoding) explain(err error) error {
	if large := sizeError(err, d.entries); large != nil {
		return large
	}
	at := d.json.InputOffset()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		line, offset := d.from.place(d.from.given)
		return &CutOffError{d.entries, line, offset}
	}
	syntax, isSyntax := errors.AsType[*json.SyntaxError](err)
	extra, isExtra := errors.AsType[*misfit](err)
	switch {
	case isExtra:
		line, offset := d.from.place(at)
		return &SyntaxError{line, offset, extra.why}
	case isSyntax:
		line, offset := d.from.place(at + d.within(syntax, at))
		return &SyntaxError{line, offset, syntax.Error()}
	default:
		return err
	}
}

// within returns how far behind at, where the value began, a mistake is. The
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

// short keeps what is shown of a foreign word to a length and to one line.
func short(text string) string {
	const most = 40
	return words.Cut(strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, text), most)
}
