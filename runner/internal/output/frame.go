package output

import (
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"
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

// frameOf returns the HTML of a screen so that a frame can show it: no script,
// and nothing that is fetched from anywhere. It returns "" where there is none.
func frameOf(html string) string {
	if strings.TrimSpace(html) == "" {
		return ""
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(html))
	if err != nil {
		return ""
	}
	doc.Find(active).Remove()
	for _, style := range doc.Find("style").Nodes {
		for text := style.FirstChild; text != nil; text = text.NextSibling {
			text.Data = fetched.ReplaceAllString(text.Data, " ")
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
