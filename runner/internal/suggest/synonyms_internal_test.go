package suggest

import (
	"strings"
	"testing"

	"flowtest/steps"

	"github.com/stretchr/testify/assert"
)

// A synonym that is not written as sentences are read would never be found, and
// one that stands for words of no sentence would lead nowhere.
func TestEverySynonymCanBeFoundAndLeadsSomewhere(t *testing.T) {
	known := map[string]bool{}
	for i := range steps.Definitions() {
		for _, w := range wordsOf(sentenceOf(&steps.Definitions()[i])) {
			known[w] = true
		}
	}
	for _, kind := range []string{"string", "number", "boolean", "object", "with"} {
		known[kind] = true
	}
	seen := map[string]bool{}
	for _, s := range synonyms {
		for said := range strings.SplitSeq(s.said, ", ") {
			assert.Equal(t, said, strings.Join(wordsOf(said), " "), "as it is read")
			assert.False(t, seen[said], "%q is there twice", said)
			seen[said] = true
			for _, meant := range s.meant {
				assert.NotEqual(t, said, meant)
				for _, w := range wordsOf(meant) {
					assert.True(t, known[w], "%q of %q is a word of a sentence", w, said)
				}
			}
		}
	}
}
