package page

import (
	"bufio"
	"html/template"
	"io"
	"strings"
)

// opening begins a page with a title, up to its body.
func opening(title string) string {
	return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n" +
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
		"<meta name=\"color-scheme\" content=\"light dark\">\n" +
		"<meta http-equiv=\"Content-Security-Policy\" content=\"" + policy() + "\">\n" +
		"<title>flowtest: " + template.HTMLEscapeString(title) + "</title>\n" +
		"<style>\n" + pageStyle + "</style>\n</head>\n"
}

// closing ends a page with its script.
func closing() string { return "\n<script>" + pageScript + "</script>\n</body>\n</html>\n" }

// Section writes a page that has one section of report.html only. Its error is that of the
// section or of w.
func Section(w io.Writer, title string, section func(io.Writer) error) error {
	out := bufio.NewWriter(w)
	title = Shown(title)
	_, _ = out.WriteString(opening(title) + "<body>\n<header>\n<h1>" + template.HTMLEscapeString(title) +
		"</h1>\n</header>\n<main>\n")
	if err := written(out, section); err != nil {
		return err
	}
	_, _ = out.WriteString("</main>" + closing())
	return out.Flush()
}

// written writes a section as UTF-8, with its control characters shown.
func written(out *bufio.Writer, section func(io.Writer) error) error {
	var b strings.Builder
	err := section(&b)
	_, _ = out.WriteString(Shown(b.String()))
	return err
}
