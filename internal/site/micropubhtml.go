package site

import (
	"context"

	"hark/internal/posts"
)

// asMarkdown makes Markdown of the content that an app has sent as HTML, where the
// texts of the post's author have none.
func (s *Site) asMarkdown(ctx context.Context, authorID string, sent ...map[string][]any) error {
	takes, err := s.Posts.TakesHTML(ctx, authorID)
	if err != nil || takes {
		return err
	}
	for _, properties := range sent {
		for n, value := range properties["content"] {
			if object, ok := value.(map[string]any); ok {
				if html, ok := object["html"].(string); ok {
					properties["content"][n] = posts.FromHTML(html)
				}
			}
		}
	}
	return nil
}
