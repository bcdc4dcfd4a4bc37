package feature

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	gherkin "github.com/cucumber/gherkin/go/v42"
	messages "github.com/cucumber/messages/go/v34"

	"flowtest/runner/internal/safefile"
	"flowtest/runner/internal/stop"
	"flowtest/steps"
)

// MaxFile is the largest size of a feature file, in bytes.
const MaxFile = 16 << 20

// A Loader reads feature files. It keeps the text of repeated sentences once.
type Loader struct {
	words   map[string]string
	Match   *Matcher
	origins map[string]origin // where each file was read, by its name in reports

	cache *Cache // nil for none

	// Look is called with each file; f is nil if the file has no feature. Optional.
	Look func(show string, text []byte, f *messages.Feature)
}

// NewLoader returns a loader of features whose steps use these definitions.
func NewLoader(defs []steps.Definition) *Loader {
	return &Loader{words: map[string]string{}, Match: newMatcher(defs), origins: map[string]origin{}}
}

// Load reads a feature file, or all of a folder in the order of their paths. Show is the
// name in reports; "" means name. The steps have no definitions yet: see [Loader.Define].
func (l *Loader) Load(fsys fs.FS, name, show string) ([]*Scenario, error) {
	show = cmp.Or(show, name)
	info, err := fs.Stat(fsys, name)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s does not exist, want a feature file or a folder of them", show)
		}
		return nil, unread(show, err)
	}
	if !info.IsDir() || path.Ext(name) == ".feature" {
		if path.Ext(name) != ".feature" {
			return nil, fmt.Errorf("%s is not a feature file, want a name that ends in .feature", show)
		}
		return l.file(fsys, name, show)
	}
	var all []*Scenario
	var mistakes []error
	err = fs.WalkDir(fsys, name, func(p string, d fs.DirEntry, err error) error {
		rel := p
		if name != "." {
			rel = strings.TrimPrefix(p, name)
		}
		at := path.Join(show, rel)
		if err != nil {
			return unread(at, err)
		}
		if path.Ext(p) != ".feature" {
			return nil
		}
		list, err := l.file(fsys, p, at)
		if err != nil {
			mistakes = append(mistakes, err)
		}
		all = append(all, list...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, errors.Join(mistakes...)
}

// unread returns the error for a file that cannot be read, with its name in reports.
func unread(show string, err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	return fmt.Errorf("%s cannot be read: %w", show, err)
}

// file reads one feature file. It returns a panic, of the parser or of our own, as an
// error of that file.
func (l *Loader) file(fsys fs.FS, name, show string) (list []*Scenario, err error) {
	defer func() {
		if p := recover(); p != nil {
			list, err = nil, fmt.Errorf("%s cannot be read: %s", show, stop.Fault(p))
		}
	}()
	text, err := safefile.ReadFS(fsys, name, MaxFile)
	if err != nil {
		return nil, unread(show, err)
	}
	sum := sumOf(text)
	list, known := l.cache.get(show, sum)
	if !known || l.Look != nil {
		if list, err = l.parse(show, text); err != nil {
			return nil, err
		}
		l.cache.put(show, sum, list, l.Define)
	}
	l.origins[show] = origin{fsys, name, sum}
	return list, nil
}

// parse reads the text of a feature file.
func (l *Loader) parse(show string, text []byte) ([]*Scenario, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // editors on Windows write it
	if err := bearable(show, text); err != nil {
		return nil, err
	}
	text = trimmed(text)
	newID := (&messages.Incrementing{}).NewId
	doc, err := gherkin.ParseGherkinDocument(bytes.NewReader(text), newID)
	if err != nil {
		return nil, parseError(show, text, err)
	}
	if l.Look != nil {
		l.Look(show, text, doc.Feature)
	}
	if doc.Feature == nil {
		return nil, nil
	}
	if err := expandable(show, doc.Feature); err != nil {
		return nil, err
	}
	at, cut := nodesOf(doc.Feature), excerpts(string(text), doc.Feature)
	var out []*Scenario
	first := map[[2]string]*Scenario{}
	for _, p := range gherkin.Pickles(*doc, show, newID) {
		s := l.scenario(p, doc.Feature.Name, show, at)
		s.Excerpt = cut[p.Location.Line]
		if twin := first[[2]string{s.Rule, s.Name}]; twin != nil {
			twin.Recurs, s.Recurs = true, true
		} else {
			first[[2]string{s.Rule, s.Name}] = s
		}
		out = append(out, s)
	}
	return out, nil
}

// trimmed removes tabs, no-break spaces and other white space from the ends of lines. A person
// does not see them, but the parser reads them as part of a step. Text blocks are not changed.
func trimmed(text []byte) []byte {
	if !trailing(text) {
		return text
	}
	out := make([]byte, 0, len(text))
	fence := ""
	for line := range bytes.Lines(text) {
		end := line[len(bytes.TrimRight(line, "\r\n")):]
		line = line[:len(line)-len(end)]
		begin := strings.TrimSpace(string(line[:min(len(line), maxIndent)]))
		switch {
		case fence == "" && strings.HasPrefix(begin, `"""`):
			fence = `"""`
		case fence == "" && strings.HasPrefix(begin, "```"):
			fence = "```"
		case fence != "" && strings.HasPrefix(begin, fence):
			fence = ""
		case fence == "":
			line = bytes.TrimRightFunc(line, unicode.IsSpace)
		}
		out = append(append(out, line...), end...)
	}
	return out
}

// trailing reports whether a line ends in white space other than blanks. The parser removes
// blanks itself.
func trailing(text []byte) bool {
	for line := range bytes.Lines(text) {
		line = bytes.TrimRight(bytes.TrimSuffix(bytes.TrimSuffix(line, []byte{'\n'}), []byte{'\r'}), " ")
		if last, _ := utf8.DecodeLastRune(line); last != '\r' && unicode.IsSpace(last) {
			return true
		}
	}
	return false
}

// maxIndent is the largest indentation at which the marks of a text block are
// recognized.
const maxIndent = 200

// bearable returns an error for a text that the parser cannot process, or would partly
// ignore.
func bearable(show string, text []byte) error {
	if line, column, found := notUTF8(text); line > 0 {
		return fmt.Errorf("%s:%d:%d: %s is not UTF-8, want a file that is saved as UTF-8", show, line, column, found)
	}
	if line, n, most := LongLine(string(text)); line > 0 {
		return fmt.Errorf("%s:%d: the line has %d bytes, want at most %d: the Gherkin parser reads no longer lines",
			show, line, n, most)
	}
	if line, n, lines := longText(string(text)); line > 0 {
		return fmt.Errorf("%s:%d: the doc string has %d bytes in %d lines, want at most %d in %d: "+
			"the Gherkin parser takes quadratic time", show, line, n, lines, mostText, mostTextLines)
	}
	if bytes.IndexByte(text, '\n') < 0 && bytes.IndexByte(text, '\r') >= 0 {
		return fmt.Errorf("%s:1: its lines end with only a carriage return, want a line feed: "+
			"save it with the line ends of Unix or Windows", show)
	}
	return nil
}

// notUTF8 returns the place of the first bytes that are not UTF-8, in lines and
// characters from 1, and describes the bytes. The line is 0 if all of them are.
func notUTF8(text []byte) (line, column int, found string) {
	if utf8.Valid(text) {
		return 0, 0, ""
	}
	for _, mark := range []string{"\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(text, []byte(mark)) {
			return 1, 1, "the text, which is UTF-16,"
		}
	}
	line, column = 1, 1
	for {
		r, n := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && n < len("\ufffd"):
			return line, column, fmt.Sprintf("the byte 0x%02X", text[0])
		case r == '\n':
			line, column = line+1, 1
		default:
			column++
		}
		text = text[n:]
	}
}

func (l *Loader) scenario(p *messages.Pickle, feature, show string, at *nodes) *Scenario {
	written := at.scenarios[p.AstNodeIds[0]]
	s := &Scenario{
		Feature: l.word(feature), Rule: l.word(at.rules[written.Id]), Name: p.Name,
		File: l.word(show), Line: int(p.Location.Line),
		own: p.Name, written: written.Name, at: int(written.Location.Line), spans: []span{spanOf(written)},
	}
	isRow := len(p.AstNodeIds) > 1
	if isRow {
		example := at.rows[p.AstNodeIds[1]]
		s.columns = example.columns
		s.Name = fmt.Sprintf("%s (row %d)", p.Name, example.number)
		s.spans = append(s.spans, span{s.Line, s.Line})
	}
	for _, t := range p.Tags {
		s.Tags = append(s.Tags, l.word(t.Name))
	}
	s.Steps = make([]Step, 0, len(p.Steps))
	for _, ps := range p.Steps {
		ast := at.steps[ps.AstNodeIds[0]]
		st := Step{
			Keyword: ast.Keyword, Text: l.word(ps.Text),
			kind: kindOf(ps.Type), Line: int(ast.Location.Line), Arg: ps.Argument,
		}
		if isRow && slices.Contains(written.Steps, ast) { // not in a background, which has no columns
			st.Template = ast
		}
		s.Steps = append(s.Steps, st)
	}
	return s
}

func (l *Loader) word(s string) string {
	if w, ok := l.words[s]; ok {
		return w
	}
	s = strings.Clone(s)
	l.words[s] = s
	return s
}

// Choose returns the scenarios that lines select. A line of a scenario selects it, or
// all rows of its outline; a line of the examples selects the row; a line before the
// first scenario selects all. If a line selects nothing, ok is false and none is that
// line.
func Choose(lines []int, list []*Scenario) (out []*Scenario, none int, ok bool) {
	if len(lines) == 0 {
		return list, 0, true
	}
	for _, line := range lines {
		n := len(out)
		for _, s := range list {
			if slices.ContainsFunc(s.spans, func(sp span) bool { return sp.from <= line && line <= sp.to }) {
				out = append(out, s)
			}
		}
		switch {
		case len(out) > n:
		case len(list) > 0 && line < list[0].spans[0].from && line > 0:
			out = append(out, list...)
		default:
			return nil, line, false
		}
	}
	return out, 0, true
}

// An origin says where a feature file was read, with a checksum of its text.
type origin struct {
	fsys fs.FS
	path string
	sum  uint64
}

var sumSeed = maphash.MakeSeed()

func sumOf(text []byte) uint64 { return maphash.Bytes(sumSeed, text) }

// Text returns the original text of a feature file, by its name in reports. It returns
// "" if the file has changed since it was read, because its lines may differ.
func (l *Loader) Text(file string) string {
	at, ok := l.origins[file]
	if !ok {
		return ""
	}
	text, err := safefile.ReadFS(at.fsys, at.path, MaxFile)
	if err != nil || sumOf(text) != at.sum {
		return ""
	}
	return string(bytes.TrimPrefix(text, []byte("\ufeff")))
}

// Beside resolves a file name that a feature file uses relative to its own folder. File is the name
// of the feature file in reports. It returns the file system, the path in it, and the name in
// reports. Files is nil if the feature file was not read.
func (l *Loader) Beside(file, name string) (files fs.FS, at, show string) {
	show = path.Join(path.Dir(file), name)
	if read, ok := l.origins[file]; ok {
		files, at = read.fsys, path.Join(path.Dir(read.path), name)
	}
	return files, at, show
}

// mostLetters is the longest line of a feature file, in bytes. The Gherkin parser would
// end the process at a line that does not fit its buffer.
const mostLetters = bufio.MaxScanTokenSize - 2

// LongLine returns the number of the first line that is too long for the Gherkin parser, its
// length, and the longest length allowed, in bytes. The number is 0 if no line is too long.
func LongLine(text string) (number, length, most int) {
	for line := range strings.Lines(text) {
		number++
		if n := len(strings.TrimRight(line, "\r\n")); n > mostLetters {
			return number, n, mostLetters
		}
	}
	return 0, 0, mostLetters
}

// Limits of a doc string. The Gherkin parser copies the text read so far at each
// further line.
const (
	mostText      = 512 << 10 // bytes
	mostTextLines = 16 << 10
)

// longText returns the line at which the first doc string that is too long begins, and its size.
// The line is 0 if none is too long.
func longText(text string) (number, length, lines int) {
	mark, at := "", 0
	for line := range strings.Lines(text) {
		number++
		begins := strings.TrimLeft(line, " \t")
		switch {
		case mark == "" && (strings.HasPrefix(begins, `"""`) || strings.HasPrefix(begins, "```")):
			mark, at, length, lines = begins[:3], number, 0, 0
		case mark == "":
		case !strings.HasPrefix(begins, mark):
			length, lines = length+len(line), lines+1
		default:
			mark = ""
			if length > mostText || lines > mostTextLines {
				return at, length, lines
			}
		}
	}
	return 0, 0, 0
}
