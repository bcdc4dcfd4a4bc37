package recordings

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// LoadAll loads every recording below root, in the order of their paths. Its
// error joins the mistakes of all of them, a line each.
func LoadAll(fsys fs.FS, root string) ([]*Flow, error) {
	var flows []*Flow
	var mistakes []error
	named := map[string]string{}
	err := fs.WalkDir(fsys, root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("recordings: %w", err)
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && strings.Contains(d.Name(), leftover) {
			mistakes = append(mistakes, orphan(fsys, p))
			return fs.SkipDir
		}
		if d.Name() != FileName {
			return nil
		}
		f, err := Load(fsys, path.Dir(p))
		if err != nil {
			mistakes = append(mistakes, err)
			return nil
		}
		if other, ok := named[f.Name]; ok {
			mistakes = append(mistakes, fmt.Errorf("%s: flow %q is also the name of %s: rename one", p, f.Name, other))
			return nil
		}
		named[f.Name] = p
		flows = append(flows, f)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return flows, nil
}

// Load loads the recording in the folder dir. It is strict: an unknown key, a
// missing or unused body, a hop that cannot be reached or a later format is an
// error. The error joins a line "FILE:LINE: …" for every mistake.
func Load(fsys fs.FS, dir string) (*Flow, error) {
	name := path.Join(dir, FileName)
	text, err := read(fsys, name, maxFile)
	if _, system := errors.AsType[*fs.PathError](err); system {
		return nil, fmt.Errorf("recordings: %w", err)
	} else if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w", name, err)
	}
	file, lines, err := decode(text)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", name, err)
	}
	l := &loading{
		fsys: fsys, dir: dir, file: file, lines: lines, byName: map[string]*Hop{}, unread: map[*Hop]bool{},
		used: map[string]bool{}, made: map[string]bool{},
	}
	flow := l.flow()
	if err := errors.Join(l.mistakes...); err != nil {
		return nil, err
	}
	return flow, nil
}

// read reads a regular file of at most that many bytes: to open a pipe or a device may
// wait for ever.
func read(fsys fs.FS, name string, most int) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no regular file")
	case info.Size() > int64(most):
		return nil, fmt.Errorf("it has %d bytes, want at most %d", info.Size(), most)
	}
	return fs.ReadFile(fsys, name)
}

// leftover is in the names of the folders beside a recording that saving makes.
const leftover = ".flowtest-"

// orphan returns a mistake where a run that was killed while it saved has left
// a recording moved aside and none in its place; else nil.
func orphan(fsys fs.FS, aside string) error {
	name, old := strings.CutSuffix(strings.TrimPrefix(path.Base(aside), "."), leftover+"old")
	place := path.Join(path.Dir(aside), name)
	if _, err := fs.Stat(fsys, place); !old || !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("%s: a run was interrupted while it saved %s: record again, or rename this folder to %s",
		aside, place, name)
}

// decode reads the YAML and the line of each hop. Its error
// starts with the line.
func decode(text []byte) (*fileYAML, []int, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // editors on Windows write it
	if err := bounded(text); err != nil {
		return nil, nil, err
	}
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, nil, positioned(err)
	}
	if len(tree.Docs) > 1 {
		line := 1
		switch doc := tree.Docs[1]; {
		case doc.Start != nil:
			line = doc.Start.Position.Line
		case doc.Body != nil: // after "..." nothing has to begin it
			line = doc.Body.GetToken().Position.Line
		}
		return nil, nil, fmt.Errorf("%d: a second document, and a recording is one", line)
	}
	if line := aliasLine(tree); line > 0 {
		return nil, nil, fmt.Errorf("%d: an anchor or alias, and a recording writes everything out", line)
	}
	var body ast.Node
	if len(tree.Docs) > 0 {
		body = tree.Docs[0].Body
	}
	var f fileYAML
	usual := body != nil && f.read(body)
	if !usual {
		var head struct {
			Format *int `yaml:"format"`
		}
		if body != nil && yaml.NodeToValue(body, &head) != nil {
			return nil, nil, positioned(yaml.NodeToValue(body, &f, yaml.Strict()))
		}
		f.Format = head.Format
	}
	switch {
	case f.Format == nil:
		return nil, nil, fmt.Errorf("1: no format, want format: %d in the first line", Format)
	case *f.Format > Format:
		return nil, nil, fmt.Errorf("1: format %d is later than this flowtest reads, which is %d: update flowtest",
			*f.Format, Format)
	case *f.Format < 1:
		return nil, nil, fmt.Errorf("1: format %d does not exist, want %d", *f.Format, Format)
	}
	if !usual {
		f = fileYAML{}
		if err := yaml.NodeToValue(body, &f, yaml.Strict()); err != nil {
			return nil, nil, positioned(err)
		}
	}
	return &f, hopLines(tree), nil
}

// The bounds of a recording.yaml. The parser takes the square of the depth, and of the
// keys of a mapping.
const (
	maxFile  = 4 << 20
	maxDepth = 64
	maxKeys  = 1000
)

// bounded refuses what no person wrote before it is parsed.
func bounded(text []byte) error {
	if len(text) > maxFile {
		return fmt.Errorf("1: %d bytes, want at most %d", len(text), maxFile)
	}
	line, open, indent, begun := 1, 0, 0, false
	var keys [2*maxDepth + 2]int // the lines that begin so far in, since one began less far in
	for i, c := range text {
		switch {
		case c == '\n':
			line, indent, begun = line+1, 0, false
			continue
		case !begun && (c == ' ' || c == '-' || c == '?'):
			if indent++; c == '-' && i+1 < len(text) && text[i+1] == ' ' && indent < len(keys) {
				clear(keys[indent:]) // the next of a list
			}
		case !begun:
			if begun = true; indent < len(keys) {
				keys[indent]++
				clear(keys[indent+1:])
			}
		}
		switch c {
		case '{', '[':
			open++
		case '}', ']':
			open = max(0, open-1)
		}
		switch {
		case open > maxDepth || indent > 2*maxDepth:
			return fmt.Errorf("%d: nested deeper than %d, and a recording is nearly flat", line, maxDepth)
		case keys[indent] > maxKeys:
			return fmt.Errorf("%d: more than %d keys in one place, and no request has as many", line, maxKeys)
		}
	}
	return nil
}

// positioned puts the line of a YAML error in front of its message.
func positioned(err error) error {
	at, ok := errors.AsType[yaml.Error](err)
	if !ok {
		return fmt.Errorf("1: not a recording: %w", err)
	}
	line := 1
	if t := at.GetToken(); t != nil && t.Position != nil {
		line = t.Position.Line
	}
	message := strings.Replace(at.GetMessage(), "unknown field", "unknown key", 1)
	if strings.Contains(message, "Go ") {
		// The decoder speaks of its types; the line shows what is meant.
		message = "a value of the wrong kind: want a number for format and status, lists for hops, from and cookies, " +
			"keys with values below request, response, query, formData and headers, and text elsewhere"
	}
	if strings.HasPrefix(message, "unknown key") {
		message += ", want the keys of recording format " + strconv.Itoa(Format) + ", see .github/docs/recordings.md"
	}
	return fmt.Errorf("%d: %s", line, message)
}

// hopLines returns the line of each entry of "hops".
func hopLines(tree *ast.File) []int {
	var lines []int
	for _, doc := range tree.Docs {
		m, ok := doc.Body.(*ast.MappingNode)
		if !ok {
			continue
		}
		for _, kv := range m.Values {
			hops, ok := kv.Value.(*ast.SequenceNode)
			if !ok || kv.Key.String() != "hops" {
				continue
			}
			for _, hop := range hops.Values {
				lines = append(lines, hop.GetToken().Position.Line)
			}
		}
	}
	return lines
}

// aliasLine returns the line of the first anchor or alias, or 0. They let a
// small file grow without bound, and hide from a reviewer what is said.
func aliasLine(tree *ast.File) int {
	var found aliasFinder
	for _, doc := range tree.Docs {
		if doc.Body != nil {
			ast.Walk(&found, doc.Body)
		}
	}
	return found.line
}

type aliasFinder struct{ line int }

// Visit implements [ast.Visitor].
func (f *aliasFinder) Visit(n ast.Node) ast.Visitor {
	switch n.Type() {
	case ast.AnchorType, ast.AliasType, ast.MergeKeyType:
		f.line = cmp.Or(f.line, n.GetToken().Position.Line)
	default:
	}
	return f
}
