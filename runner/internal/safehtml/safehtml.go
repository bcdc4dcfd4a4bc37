// Package safehtml prepares the HTML of a screen for a report: it makes a page that runs and
// loads nothing, and extracts the text of a label. It knows neither flows nor secrets.
package safehtml

import (
	"regexp"
	"strings"
	"sync"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// active selects the elements that run or fetch something. The frame that shows the page
// forbids both; without these elements the browser's console has no errors about it either.
const active = "script, noscript, link, meta, base, iframe, frame, object, embed, applet, portal, template, " +
	"audio, video, source, track, svg use, animate, set"

// fetched matches the parts of a style that load something.
var fetched = regexp.MustCompile(`(?is)@import[^;]*;?|url\([^)]*\)|image-set\([^)]*\)|src\s*:`)

// loads are the attributes that fetch something or leave the page.
var loads = map[string]bool{
	"src": true, "srcset": true, "href": true, "xlink:href": true, "action": true, "formaction": true,
	"background": true, "poster": true, "data": true, "ping": true, "manifest": true, "srcdoc": true,
	"autofocus": true, "imagesrcset": true,
}

// Frame returns the HTML of a screen without scripts and without anything that a browser would
// fetch, for a frame of a report. It returns "" if the screen has no HTML.
func Frame(text string) string {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(text))
	if err != nil {
		return ""
	}
	doc.Find(active).Remove()
	for _, style := range doc.Find("style").Nodes {
		for part := style.FirstChild; part != nil; part = part.NextSibling {
			part.Data = fetched.ReplaceAllString(part.Data, " ")
		}
	}
	for _, node := range doc.Find("*").Nodes {
		kept := node.Attr[:0]
		for _, a := range node.Attr {
			name := strings.ToLower(a.Key)
			inline := name == "src" && strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "data:image/")
			if strings.HasPrefix(name, "on") || loads[name] && !inline {
				continue
			}
			if name == "style" {
				a.Val = fetched.ReplaceAllString(a.Val, " ")
			}
			kept = append(kept, a)
		}
		node.Attr = kept
	}
	out, err := doc.Html()
	if err != nil {
		return ""
	}
	return out
}

// formatting lists the elements that format text; those that separate words are true. Anything
// else in angle brackets is text: a label may say "<your name>".
var formatting = map[string]bool{
	"a": false, "abbr": false, "b": false, "em": false, "font": false, "i": false, "img": false, "label": false,
	"mark": false, "s": false, "small": false, "span": false, "strong": false, "sub": false, "sup": false, "u": false,
	"blockquote": true, "br": true, "center": true, "div": true, "dd": true, "dl": true, "dt": true, "h1": true,
	"h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "hr": true, "li": true, "ol": true, "p": true,
	"pre": true, "script": true, "style": true, "table": true, "tbody": true, "td": true, "th": true, "thead": true,
	"tr": true, "ul": true,
}

// Text returns the text of a label as a person reads it. On the wire a label may be HTML: the
// content of a LABEL always is, and the label of any other field can be.
func Text(label string) string {
	if !strings.ContainsAny(label, "<&") {
		return label
	}
	var b strings.Builder
	unread := false // inside an element that a browser does not show
	for z := html.NewTokenizer(strings.NewReader(label)); ; {
		kind := z.Next()
		raw := string(z.Raw())
		switch kind {
		case html.ErrorToken:
			b.WriteString(raw) // a tag that never ends
			return strings.Join(strings.Fields(b.String()), " ")
		case html.TextToken:
			if !unread {
				b.WriteString(html.UnescapeString(raw))
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			text, _ := z.TagName()
			name := string(text)
			apart, known := formatting[name]
			switch {
			case !known:
				b.WriteString(raw)
			case apart:
				b.WriteByte(' ')
			}
			unread = kind == html.StartTagToken && (name == "script" || name == "style")
		case html.CommentToken, html.DoctypeToken:
		}
	}
}

// Frames calls [Frame] and caches some of its results, because a flow shows the same pages again
// and again. The zero value is ready for use, by several goroutines at once.
type Frames struct {
	mu   sync.Mutex
	done map[string]string
}

// Of returns Frame(text).
func (f *Frames) Of(text string) string {
	if text == "" {
		return ""
	}
	f.mu.Lock()
	frame, ok := f.done[text]
	f.mu.Unlock()
	if ok {
		return frame
	}
	frame = Frame(text)
	const most = 64
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done == nil || len(f.done) >= most {
		f.done = map[string]string{}
	}
	f.done[text] = frame
	return frame
}
