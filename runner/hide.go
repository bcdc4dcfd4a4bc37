package runner

import (
	"strings"

	"flowtest/steps/secret"
)

// A hider hides values where they stand alone, between quotes or in a cell of a
// table, in whatever spelling: they are too short to be looked for elsewhere, or
// nobody knows yet whether they are secrets.
type hider struct {
	alone map[string]bool
	prose map[string]string // lines that never run, by how they are written
}

// text hides the values in a feature file.
func (h *hider) text(text string) string {
	if len(h.alone) == 0 && len(h.prose) == 0 {
		return text
	}
	var b strings.Builder
	for line := range strings.SplitAfterSeq(text, "\n") {
		trimmed := strings.TrimSpace(line)
		hidden := trimmed
		if prose, ok := h.prose[trimmed]; ok {
			hidden = prose
		}
		if strings.HasPrefix(hidden, "|") {
			hidden = h.row(hidden)
		} else {
			hidden = h.quoted(hidden)
		}
		if hidden != trimmed {
			line = strings.Replace(line, trimmed, hidden, 1)
		}
		b.WriteString(line)
	}
	return b.String()
}

// quoted hides the values between the quotes of a sentence.
func (h *hider) quoted(text string) string {
	if !strings.ContainsAny(text, quoteSigns) {
		return text
	}
	var b strings.Builder
	at := 0
	for _, p := range piecesOf(text) {
		if h.alone[p.text] || h.alone[unescaped(p.text)] {
			b.WriteString(text[at:p.from] + secret.Redacted)
			at = p.to
		}
	}
	return b.String() + text[at:]
}

// row hides the values in the cells of a row.
func (h *hider) row(line string) string {
	cells := cellsOf(line)
	for i, cell := range cells {
		value := strings.TrimSpace(cell)
		if value == "" {
			continue
		}
		hidden := h.quoted(value)
		if h.alone[value] || h.alone[readCell.Replace(value)] {
			hidden = secret.Redacted
		}
		if hidden != value {
			cells[i] = strings.Replace(cell, value, hidden, 1)
		}
	}
	return strings.Join(cells, "|")
}

// readCell reads a cell as Gherkin does.
var readCell = strings.NewReplacer(`\\`, `\`, `\|`, `|`, `\n`, "\n")

// cellsOf returns what stands between the signs of a row.
func cellsOf(line string) []string {
	var out []string
	from := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '|':
			out = append(out, line[from:i])
			from = i + 1
		}
	}
	return append(out, line[from:])
}
