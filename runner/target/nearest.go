package target

import (
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
)

// didYouMean ends an error with the wanted word that is nearest to the one
// found, or with nothing where none is near.
func didYouMean(found string, wanted []string) string {
	best, least := "", 3
	for _, w := range wanted {
		if d := levenshtein.ComputeDistance(plain(found), plain(w)); d < least && d*2 < len(w) {
			best, least = w, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(": did you mean %q?", best)
}

// plain makes base_url and BASE-URL the same as baseUrl.
func plain(word string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(word))
}
