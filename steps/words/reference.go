package words

import "strings"

// A Piece of a text is literal text, or a reference: the text between ${ and }, which
// may be empty.
type Piece struct {
	Text string
	Ref  bool // it is a reference
}

// Pieces splits a text at its references. $${ is the literal text ${. If the last ${ has no },
// closed is false and the rest of the text is its name.
func Pieces(text string) (list []Piece, closed bool) {
	plain := ""
	for {
		before, after, found := strings.Cut(text, "${")
		plain += before
		if !found {
			break
		}
		if literal, ok := strings.CutSuffix(plain, "$"); ok && strings.HasSuffix(before, "$") {
			plain, text = literal+"${", after
			continue
		}
		if plain != "" {
			list = append(list, Piece{Text: plain})
		}
		name, rest, ok := strings.Cut(after, "}")
		list = append(list, Piece{Text: name, Ref: true})
		if !ok {
			return list, false
		}
		plain, text = "", rest
	}
	if plain != "" {
		list = append(list, Piece{Text: plain})
	}
	return list, true
}
