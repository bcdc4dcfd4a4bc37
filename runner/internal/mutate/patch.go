package mutate

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Patch writes the suggestions of a report as a patch for git apply.
func (r *Report) Patch(w io.Writer) error {
	byFile := map[string][]*Suggestion{}
	var files []string
	for _, m := range r.Mutants {
		if m.Add == nil {
			continue
		}
		if byFile[m.Add.File] == nil {
			files = append(files, m.Add.File)
		}
		byFile[m.Add.File] = append(byFile[m.Add.File], m.Add)
	}
	slices.Sort(files)
	var b strings.Builder
	for _, file := range files {
		list := byFile[file]
		fmt.Fprintf(&b, "--- a/%s\n+++ b/%s\n", file, file)
		hunks(&b, list[0].before, insertions(list))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// An insertion is what is added to a file after one of its lines.
type insertion struct {
	line  int
	lines []string
}

// insertions joins the suggestions of a file: each sentence once, and each scenario once with all
// its sentences.
func insertions(list []*Suggestion) (out []*insertion) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(x, y *Suggestion) int {
		if x.Line != y.Line {
			return x.Line - y.Line
		}
		return x.rank() - y.rank()
	})
	type place struct {
		line int
		head string
	}
	said, added := map[place][]string{}, map[place]int{} // what each place says, and how many sentences it has
	for _, s := range list {
		head := strings.Join(s.Lines[:s.head], "\n")
		at, sentence := place{s.Line, head}, s.Lines[s.head:]
		text := strings.Join(sentence, "\n")
		if slices.Contains(said[at], text) {
			continue
		}
		said[at] = append(said[at], text)
		if len(out) == 0 || out[len(out)-1].line != s.Line {
			out = append(out, &insertion{line: s.Line})
		}
		to, first := out[len(out)-1], sentence[0]
		if added[at] == 0 {
			to.lines = append(to.lines, s.Lines[:s.head]...)
		} else { // it is below the Then of another one
			first = strings.Replace(first, "Then ", "And ", 1)
		}
		added[at]++
		to.lines = append(append(to.lines, first), sentence[1:]...)
	}
	return out
}

// rank orders what is added at one place: assertions, then what sends requests, then scenarios.
func (s *Suggestion) rank() int {
	switch {
	case s.head > 0:
		return 2 //nolint:mnd // the last of three
	case strings.HasPrefix(strings.TrimSpace(s.Lines[0]), "When "):
		return 1
	default:
		return 0
	}
}

// patched returns a text with suggestions in it.
func patched(before string, list []*Suggestion) string {
	lines := linesOf(before)
	for _, in := range slices.Backward(insertions(list)) {
		lines = slices.Insert(lines, in.line, in.lines...)
	}
	return strings.Join(lines, "\n")
}

// linesOf returns the lines of a feature without their ends, which are \r\n on Windows.
func linesOf(text string) []string {
	return strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
}

// hunks writes what is added to a file, with a line of context before and after.
func hunks(b *strings.Builder, before string, list []*insertion) {
	end := "\n" // of the lines that are added
	if strings.Contains(before, "\r\n") {
		end = "\r\n"
	}
	lines, added := strings.SplitAfter(strings.TrimSuffix(before, "\n"), "\n"), 0
	context := func(sign string, n int) { // a line of the file, from 1
		b.WriteString(sign + lines[n-1])
		switch {
		case n < len(lines):
		case strings.HasSuffix(before, "\n"):
			b.WriteString("\n")
		default:
			b.WriteString("\n\\ No newline at end of file\n")
		}
	}
	for i, in := range list {
		around := 1
		if in.line < len(lines) && (i+1 == len(list) || list[i+1].line > in.line+1) {
			around = 2 // a line before and one after
		}
		fmt.Fprintf(b, "@@ -%d,%d +%d,%d @@\n", in.line, around, in.line+added, around+len(in.lines))
		if in.line == len(lines) && !strings.HasSuffix(before, "\n") { // the last line gets an end
			context("-", in.line)
			b.WriteString("+" + lines[in.line-1] + end)
		} else {
			context(" ", in.line)
		}
		for _, l := range in.lines {
			b.WriteString("+" + l + end)
		}
		if around > 1 {
			context(" ", in.line+1)
		}
		added += len(in.lines)
	}
}
