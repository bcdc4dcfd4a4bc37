// Package drawn makes of a screen's HTML what a report draws of it: a page that does and
// loads nothing, and the words of a label. It knows neither flows nor secrets.
package drawn

import (
	"regexp"
	"strings"
	"sync"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// What makes a page do or fetch something. The frame that shows it has no
// rights and the report no network; without these it also says nothing of that
// to the console.
const active = "script, noscript, link, meta, base, iframe, frame, object, embed, applet, portal, template, " +
	"audio, video, source, track, svg use, animate, set"

// fetched matches what a style loads from elsewhere.
var fetched = regexp.MustCompile(`(?is)@import[^;]*;?|url\([^)]*\)|image-set\([^)]*\)|src\s*:`)

// loads are the attributes that fetch, or lead away.
var loads = map[string]bool{
	"src": true, "srcset": true, "href": true, "xlink:href": true, "action": true, "formaction": true,
	"background": true, "poster": true, "data": true, "ping": true, "manifest": true, "srcdoc": true,
	"autofocus": true, "imagesrcset": true,
}

// Frame returns the HTML of a screen so that a frame can show it: no script, and nothing that is
// fetched from anywhere. It returns "" if there is none.
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

// The elements with which the text of a screen is formatted; true are those
// that set words apart. Anything else in angle brackets is text: a label may
// say "<your name>".
var formatting = map[string]bool{
	"a": false, "abbr": false, "b": false, "em": false, "font": false, "i": false, "img": false, "label": false,
	"mark": false, "s": false, "small": false, "span": false, "strong": false, "sub": false, "sup": false, "u": false,
	"blockquote": true, "br": true, "center": true, "div": true, "dd": true, "dl": true, "dt": true, "h1": true,
	"h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "hr": true, "li": true, "ol": true, "p": true,
	"pre": true, "script": true, "style": true, "table": true, "tbody": true, "td": true, "th": true, "thead": true,
	"tr": true, "ul": true,
}

// Words returns what a person reads of a label, which on the wire may be
// HTML: a LABEL's content is, and the label of any other field can be.
func Words(label string) string {
	if !strings.ContainsAny(label, "<&") {
		return label
	}
	var b strings.Builder
	unread := false // within what no person sees
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

// Frames draws pages, and remembers some of them: a flow shows the same ones again and
// again. The zero value is ready for use, by several goroutines at once.
type Frames struct {
	mu   sync.Mutex
	done map[string]string
}

// Of returns what [Frame] does.
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
