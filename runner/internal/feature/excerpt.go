package feature

import (
	"slices"
	"strings"

	messages "github.com/cucumber/messages/go/v34"
)

// An Excerpt is the text of one scenario in its file, with the parts that it inherits. godog runs
// this text.
type Excerpt struct {
	Head  *Head
	parts []string // whole lines: the scenario, or the outline with one row of its examples
	at    int      // the line of parts at which the pickle is, from 1
}

// A Head has the parts that scenarios inherit: the feature, the backgrounds and the
// rule. Scenarios that inherit the same parts share a head.
type Head struct {
	Text  string
	Lines int
}

func newHead(text string) *Head { return &Head{text, strings.Count(text, "\n")} }

// WriteTo appends the scenario to b, which has the given number of lines. It returns
// the line of the scenario's pickle and the new number of lines.
func (e *Excerpt) WriteTo(b *strings.Builder, lines int) (at, after int) {
	at = lines + e.at
	for _, part := range e.parts {
		b.WriteString(part)
		lines += strings.Count(part, "\n")
		if !strings.HasSuffix(part, "\n") { // the last line of the file
			b.WriteByte('\n')
			lines++
		}
	}
	return at, lines
}

// excerpts splits a file into its scenarios, by the lines of their pickles.
func excerpts(text string, f *messages.Feature) map[int64]Excerpt {
	c := &cutter{text: text, begins: []int{0}, out: map[int64]Excerpt{}}
	for i := range len(text) {
		if text[i] == '\n' {
			c.begins = append(c.begins, i+1)
		}
	}
	for _, child := range f.Children {
		if r := child.Rule; r != nil {
			c.starts = append(c.starts, c.first(r.Location, r.Tags))
		}
		for _, part := range Parts(child) {
			if b := part.Background; b != nil {
				c.starts = append(c.starts, b.Location.Line)
			}
			if s := part.Scenario; s != nil {
				c.starts = append(c.starts, c.first(s.Location, s.Tags))
			}
		}
	}
	if len(c.starts) == 0 {
		return nil
	}
	slices.Sort(c.starts)
	above := newHead(c.lines(1, c.starts[0]))
	for _, child := range f.Children {
		if r := child.Rule; r != nil {
			c.parts(newHead(above.Text+c.block(c.first(r.Location, r.Tags))), child)
		} else {
			above = c.parts(above, child)
		}
	}
	return c.out
}

type cutter struct {
	text   string
	begins []int   // the offset of each line
	starts []int64 // the first lines of backgrounds, scenarios and rules, sorted
	out    map[int64]Excerpt
}

// parts adds the backgrounds and scenarios of a child, and returns the head for the
// scenarios after them.
func (c *cutter) parts(above *Head, child *messages.FeatureChild) *Head {
	for _, part := range Parts(child) {
		if part.Scenario != nil {
			c.scenario(above, part.Scenario)
		}
		if b := part.Background; b != nil {
			above = newHead(above.Text + c.block(b.Location.Line))
		}
	}
	return above
}

func (c *cutter) scenario(above *Head, s *messages.Scenario) {
	from := c.first(s.Location, s.Tags)
	if len(s.Examples) == 0 {
		c.out[s.Location.Line] = Excerpt{above, []string{c.block(from)}, int(s.Location.Line-from) + 1}
		return
	}
	first := c.first(s.Examples[0].Location, s.Examples[0].Tags)
	steps := c.lines(from, first)
	for _, e := range s.Examples {
		if e.TableHeader == nil {
			continue
		}
		begin, end := c.first(e.Location, e.Tags), e.TableHeader.Location.Line+1
		columns := c.lines(begin, end)
		for _, r := range e.TableBody {
			line := r.Location.Line
			c.out[line] = Excerpt{
				above, []string{steps, columns, c.lines(line, line+1)}, int(first-from+end-begin) + 1,
			}
		}
	}
}

// lines returns the lines from one up to, but not including, another.
func (c *cutter) lines(from, to int64) string {
	end := len(c.text)
	if int(to) <= len(c.begins) {
		end = c.begins[to-1]
	}
	return c.text[c.begins[from-1]:end]
}

// block returns the lines from a start to the next one.
func (c *cutter) block(from int64) string {
	i, _ := slices.BinarySearch(c.starts, from)
	if i+1 < len(c.starts) {
		return c.lines(from, c.starts[i+1])
	}
	return c.text[c.begins[from-1]:]
}

// first returns the first line of a node, which may be a line of tags. A line with only
// @ is also a line of tags, without any.
func (c *cutter) first(at *messages.Location, tags []*messages.Tag) int64 {
	line := at.Line
	for _, t := range tags {
		line = min(line, t.Location.Line)
	}
	for above := line - 1; above > 0; above-- {
		text := strings.TrimSpace(c.lines(above, above+1))
		if strings.HasPrefix(text, "@") {
			line = above
		} else if text != "" && !strings.HasPrefix(text, "#") {
			break
		}
	}
	return line
}
