package output

import (
	"fmt"
	"strings"

	"flowtest/runner/internal/output/digest"
	"flowtest/steps/words"
)

// markdown takes their meaning from the signs of Markdown.
var markdown = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "|", `\|`, "#", `\#`,
	"\n", " ", "\r", " ",
)

// Mark writes a text so that Markdown shows it as it is.
func Mark(s string) string { return markdown.Replace(digest.Plain(words.Cut(s, digest.MostText))) }

// code writes a text as code in a line.
func code(s string) string {
	s = strings.NewReplacer("\n", " ", "\r", " ", "|", "\\|").Replace(digest.Plain(words.Cut(s, digest.MostText)))
	fence := strings.Repeat("`", longest(s)+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}

// fenced writes a text as a block.
func fenced(s string) string {
	s = strings.TrimRight(digest.Plain(words.Cut(s, digest.MostText)), "\n")
	fence := strings.Repeat("`", max(3, longest(s)+1))
	return fence + "text\n" + s + "\n" + fence + "\n"
}

// longest returns the length of the longest run of backticks.
func longest(s string) int {
	best, run := 0, 0
	for _, r := range s {
		if r != '`' {
			run = 0
			continue
		}
		run++
		best = max(best, run)
	}
	return best
}

// cell writes text into a table of Markdown.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(s)
}

// tableRow writes a row of a table of Markdown. What is not ours has to be
// escaped already.
func tableRow(b *strings.Builder, cells ...any) {
	for _, c := range cells {
		fmt.Fprintf(b, "| %v ", c)
	}
	b.WriteString("|\n")
}
