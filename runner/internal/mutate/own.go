package mutate

import (
	"regexp"
	"slices"
	"strings"
)

// ofRow puts a sentence into an outline where its text is a cell of the row: the other rows have
// theirs in the same column. It is nil where none is.
func (v *visit) ofRow(t *trace, text string, sentence []string) *Suggestion {
	row := rowOf(linesOf(text), t.line)
	if row == nil || len(sentence) > 1 {
		return nil
	}
	for i, value := range row.values() {
		before, quoted := strings.CutSuffix(sentence[0], ` "`+value+`"`)
		column := ` "<` + row.columns[i] + `>"`
		if !quoted {
			if before, quoted = strings.CutSuffix(sentence[0], " "+value); !quoted {
				continue
			}
			column = " <" + row.columns[i] + ">"
		}
		return v.at(t, text, []string{before + column})
	}
	return nil
}

// own returns a scenario that goes as far as a visit and says a sentence there. It is for a row of
// an outline, whose other rows the sentence would be wrong for, and for an answer in the middle of a
// step that polls. It is nil for any other visit: the sentence has a place in its scenario.
func (v *visit) own(t *trace, text string, sentence []string) *Suggestion {
	lines := linesOf(text)
	row := rowOf(lines, t.line)
	last := t.lines[v.step+1] // the first is that of the scenario
	if v.polls == 0 && (v.after == 0 || row == nil) || inBackground(lines, last) {
		return nil
	}
	begins, name := headerAbove(lines, t.line), rowNumber.ReplaceAllString(t.name, "")
	if row != nil && !strings.Contains(lines[begins-1], "<") { // all rows have that name
		name += ": " + strings.Join(row.values(), ", ")
	} else {
		name += ", in detail"
	}
	s := &Suggestion{File: t.file, Line: blockEnd(lines, t.line), before: text, Lines: []string{""}}
	above := indentOf(lines[begins-1])
	if tags := tagsOf(lines, begins, t.line); tags != "" {
		s.Lines = append(s.Lines, above+tags)
	}
	s.Lines = append(s.Lines, above+"Scenario: "+name)
	indent := indentOf(lines[last-1])
	for i, n := range t.lines[1 : v.step+2] {
		switch {
		case inBackground(lines, n):
		case i == v.step && v.polls > 0:
			for range v.polls {
				s.Lines = append(s.Lines, indent+pollsOnce)
			}
		default:
			s.Lines = append(s.Lines, row.fill(lines[n-1:below(lines, n)])...)
		}
	}
	s.head = len(s.Lines)
	s.say(indent, sentence, false)
	return s
}

// A row is one of the examples of an outline: its cells by column, as the file writes them.
type row struct {
	columns, cells []string
}

// rowOf returns the row at a line, from 1; nil if the line is none.
func rowOf(lines []string, n int) *row {
	at := n - 1
	if at >= len(lines) || !strings.HasPrefix(strings.TrimSpace(lines[at]), "|") {
		return nil
	}
	top := at
	for i := at; i >= 0; i-- {
		in := strings.TrimSpace(lines[i])
		if !strings.HasPrefix(in, "|") && in != "" && !strings.HasPrefix(in, "#") {
			break
		}
		if in != "" && in[0] == '|' {
			top = i
		}
	}
	return &row{cellsOf(lines[top]), cellsOf(lines[at])}
}

var cell = regexp.MustCompile(`((?:[^|\\]|\\.)*)\|`)

// cellsOf splits a line of a table. Cells are escaped, as in the file.
func cellsOf(line string) (out []string) {
	for _, m := range cell.FindAllStringSubmatch(strings.TrimSpace(line)[1:], -1) {
		out = append(out, strings.TrimSpace(m[1]))
	}
	return out
}

var unescape = strings.NewReplacer(`\|`, `|`, `\\`, `\`, `\n`, "\n")

// values returns the cells as a scenario has them.
func (r *row) values() []string {
	out := slices.Clone(r.cells)
	for i := range out {
		out[i] = unescape.Replace(out[i])
	}
	return out
}

// fill puts the cells of the row into a step of its outline.
func (r *row) fill(step []string) []string {
	if r == nil {
		return step
	}
	values := r.values()
	var inText, inTable []string
	for i := range min(len(r.columns), len(values)) {
		column := "<" + r.columns[i] + ">"
		inText, inTable = append(inText, column, values[i]), append(inTable, column, r.cells[i])
	}
	out := []string{strings.NewReplacer(inText...).Replace(step[0])}
	if len(step) == 1 || !strings.HasPrefix(strings.TrimSpace(step[1]), "|") {
		for _, l := range step[1:] {
			out = append(out, strings.NewReplacer(inText...).Replace(l))
		}
		return out
	}
	var rows [][]string
	for _, l := range step[1:] {
		rows = append(rows, cellsOf(strings.NewReplacer(inTable...).Replace(l)))
	}
	for _, l := range even(rows) {
		out = append(out, indentOf(step[1])+l)
	}
	return out
}

// rowNumber is what a run adds to the name of an outline.
var rowNumber = regexp.MustCompile(` \(row \d+\)$`)

// tagsOf returns the tags of a scenario at a line, and those of the examples of a row, in one line.
func tagsOf(lines []string, scenario, row int) string {
	var tags []string
	for _, n := range slices.Compact([]int{scenario, row}) {
		for n > 1 && n >= scenario && examples.MatchString(lines[n-1]) { // up to the line of the examples
			n--
		}
		for n--; n > 0 && strings.HasPrefix(strings.TrimSpace(lines[n-1]), "@"); n-- {
			tags = append(tags, strings.TrimSpace(lines[n-1]))
		}
	}
	return strings.Join(tags, " ")
}

// examples is a line of a table or between its rows.
var examples = regexp.MustCompile(`^\s*(\||#|$)`)

// headerAbove returns the line, from 1, of the header to which a line belongs.
func headerAbove(lines []string, n int) int {
	for ; n > 1; n-- {
		if header.MatchString(lines[n-1]) {
			break
		}
	}
	return n
}

// blockEnd returns the last line of the scenario, with its examples, to which a line belongs.
func blockEnd(lines []string, n int) int {
	end := len(lines)
	for i := n; i < len(lines); i++ {
		if header.MatchString(lines[i]) {
			end = i
			break
		}
	}
	for end > n {
		if in := strings.TrimSpace(lines[end-1]); in != "" && in[0] != '@' && in[0] != '#' {
			break
		}
		end--
	}
	return end
}
