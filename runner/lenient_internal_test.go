package runner

import (
	"strings"
	"testing"

	messages "github.com/cucumber/messages/go/v34"
	"github.com/stretchr/testify/assert"
)

// FuzzLenient reads whatever somebody may write for a step.
func FuzzLenient(f *testing.F) {
	for _, text := range []string{
		`I fill in "password" by 'x`, `"password with "y"`, `«token» „a“ “b” it's`, `\"pin" "\\`, `| password | a \| b |`, "\xff'code'\"",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		table := &messages.PickleTable{Rows: []*messages.PickleTableRow{{}, {Cells: []*messages.PickleTableCell{{Value: text}}}}}
		for _, e := range lenient(text, table, nil) {
			for _, v := range e.spell(nil) {
				assert.NotEmpty(t, v.value)
			}
		}
		at := 0
		alone := map[string]bool{}
		for _, p := range piecesOf(text) {
			assert.Equal(t, text[p.from:p.to], p.text)
			assert.GreaterOrEqual(t, p.from, at)
			at = p.to
			alone[p.text] = true
		}
		if strings.ContainsAny(text, "\r\n") {
			return
		}
		h := hider{alone: alone, prose: map[string]string{}}
		for _, p := range piecesOf(h.quoted(text)) {
			assert.Equal(t, "[redacted]", p.text)
		}
		assert.Equal(t, text, strings.Join(cellsOf(text), "|"))
		proseLine(text)
	})
}
