<?php
/*
 * Plugin Name: Webmention
 * Takes webmentions by the rules of the webmention plugin 5.9.0, as they were observed from
 * outside: what it announces, checks, answers and stores. It sends none. It is on while the
 * test's folder holds a file named webmention.
 */
if ( ! file_exists( HARK_TEST_DIR . '/webmention' ) ) {
	return;
}
const WEBMENTION_ENDPOINT = '/webmention/1.0';
const WEBMENTION_TYPES    = array(
	'u-in-reply-to' => 'comment',
	'u-like-of'     => 'like',
	'u-repost-of'   => 'repost',
	'u-bookmark-of' => 'bookmark',
);

function webmention_endpoint() {
	return rest_url( WEBMENTION_ENDPOINT . '/endpoint' );
}

add_action(
	'template_redirect',
	function () {
		is_singular() && header( 'Link: <' . webmention_endpoint() . '>; rel="webmention"', false );
	}
);
add_action(
	'wp_head',
	function () {
		if ( is_singular() ) {
			echo '<link rel="webmention" href="' . esc_url( webmention_endpoint() ) . '" />' . "\n";
		}
	}
);
add_action(
	'rest_api_init',
	function () {
		$address = array(
			'required'          => true,
			'validate_callback' => function ( $value ) {
				return false !== wp_http_validate_url( $value );
			},
		);
		register_rest_route(
			ltrim( WEBMENTION_ENDPOINT, '/' ),
			'/endpoint',
			array(
				'methods'             => 'POST',
				'callback'            => 'webmention_receive',
				'permission_callback' => '__return_true',
				'args'                => array(
					'source' => $address,
					'target' => $address,
				),
			)
		);
	}
);

function webmention_refusal( $code, $message, $status = 400 ) {
	return new WP_Error( $code, $message, array( 'status' => $status ) );
}

// Reads the source while the sender waits, and stores or renews a held comment.
function webmention_receive( $request ) {
	$source = $request['source'];
	$target = $request['target'];
	if ( $source === $target ) {
		return webmention_refusal( 'source_equals_target', 'Target and source cannot direct to the same resource' );
	}
	if ( wp_parse_url( $target, PHP_URL_HOST ) !== wp_parse_url( home_url(), PHP_URL_HOST ) ) {
		return webmention_refusal( 'target_mismatching_domain', 'Target is not on this domain' );
	}
	$post = url_to_postid( $target );
	if ( ! $post ) {
		return webmention_refusal( 'target_not_valid', 'Target is not a valid post' );
	}
	$answer = wp_safe_remote_get(
		$source,
		array(
			'timeout'             => 100,
			'redirection'         => 20,
			'limit_response_size' => MB_IN_BYTES,
			'user-agent'          => 'WordPress/' . get_bloginfo( 'version' ) . '; ' . home_url() . '; Webmention',
		)
	);
	if ( is_wp_error( $answer ) ) {
		return webmention_refusal( 'http_request_failed', $answer->get_error_message(), 500 );
	}
	$status = wp_remote_retrieve_response_code( $answer );
	if ( $status >= 400 ) {
		return webmention_refusal( 'http_error', get_status_header_desc( $status ), $status );
	}
	$page = wp_remote_retrieve_body( $answer );
	if ( false === strpos( $page, webmention_bare( $target ) ) ) {
		return webmention_refusal( 'target_not_found', 'Cannot find target link' );
	}
	$known = webmention_stored( $post, $source );
	webmention_store( $known, $post, $source, webmention_read( $page, $source, $target ) );
	return array(
		'link'    => $source,
		'source'  => $source,
		'target'  => $target,
		'code'    => 'success',
		'message' => $known
			? 'You already sent a Webmention for this target. The existing Webmention has been updated.'
			: 'Thank you! Your Webmention has been received.',
	);
}

// An address without its scheme, www., fragment and final slash.
function webmention_bare( $address ) {
	$address = preg_replace( '~^https?://(www\.)?~i', '', strtok( $address, '#' ) );
	return rtrim( $address, '/' );
}

function webmention_stored( $post, $source ) {
	$found = get_comments(
		array(
			'post_id'    => $post,
			'status'     => 'any',
			'fields'     => 'ids',
			'meta_key'   => 'webmention_source_url',
			'meta_value' => $source,
		)
	);
	return $found ? $found[0] : 0;
}

function webmention_store( $known, $post, $source, $read ) {
	$when    = strtotime( $read['published'] ) ?: time();
	$comment = wp_slash(
		array(
			'comment_post_ID'      => $post,
			'comment_type'         => $read['type'],
			'comment_approved'     => '0',
			'comment_author'       => $read['author'],
			'comment_author_url'   => $read['author_url'],
			'comment_author_email' => '',
			'comment_author_IP'    => $_SERVER['REMOTE_ADDR'],
			'comment_agent'        => $_SERVER['HTTP_USER_AGENT'],
			'comment_content'      => wp_kses_post( trim( $read['content'] ) ),
			'comment_date'         => get_date_from_gmt( gmdate( 'Y-m-d H:i:s', $when ) ),
			'comment_date_gmt'     => gmdate( 'Y-m-d H:i:s', $when ),
		)
	);
	if ( $known ) {
		wp_update_comment( array( 'comment_ID' => $known ) + $comment );
	} else {
		$known = wp_insert_comment( $comment ); // no check for floods
	}
	update_comment_meta( $known, 'protocol', 'webmention' );
	update_comment_meta( $known, 'webmention_source_url', $source );
	update_comment_meta( $known, 'hark_test_property', $read['property'] );
}

// What a page says about the target: by its h-entry, else by its title alone.
function webmention_read( $page, $source, $target ) {
	$document = new DOMDocument();
	libxml_use_internal_errors( true );
	$document->loadHTML( '<?xml encoding="utf-8"?>' . $page );
	$path  = new DOMXPath( $document );
	$title = $path->evaluate( 'string(//title)' );
	$read  = array(
		'type'       => 'mention',
		'property'   => '', // by which the entry answers; for the tests, which see no difference between a reply and a link
		'author'     => wp_parse_url( $source, PHP_URL_HOST ),
		'author_url' => '',
		'content'    => $title,
		'published'  => '',
	);
	$entry = webmention_first( $path, 'h-entry' );
	if ( ! $entry ) {
		return $read;
	}
	$read['type'] = 'comment'; // an entry that merely links is one, too
	foreach ( WEBMENTION_TYPES as $class => $type ) {
		foreach ( webmention_all( $path, $class, $entry ) as $element ) {
			$link = $element->hasAttribute( 'href' ) ? $element : webmention_first( $path, 'u-url', $element );
			if ( $link && webmention_bare( $link->getAttribute( 'href' ) ) === webmention_bare( $target ) ) {
				$read['type']     = $type;
				$read['property'] = $class;
			}
		}
	}
	$author = webmention_first( $path, 'p-author', $entry, true );
	if ( $author ) {
		$read['author']     = trim( $author->textContent );
		$read['author_url'] = $author->getAttribute( 'href' );
	}
	$content = webmention_first( $path, 'e-content', $entry );
	if ( $content ) {
		$read['content'] = '';
		foreach ( $content->childNodes as $child ) {
			$read['content'] .= $document->saveHTML( $child );
		}
	}
	$published = webmention_first( $path, 'dt-published', $entry );
	if ( $published ) {
		$read['published'] = $published->getAttribute( 'datetime' );
	}
	return $read;
}

function webmention_all( $path, $class, $within = null ) {
	return iterator_to_array( $path->query( ".//*[contains(concat(' ', normalize-space(@class), ' '), ' $class ')]", $within ) );
}

// The first element of a class; with $own the first that is not within a page that is cited.
function webmention_first( $path, $class, $within = null, $own = false ) {
	foreach ( webmention_all( $path, $class, $within ) as $element ) {
		if ( ! $own || 0.0 === $path->evaluate( "count(ancestor::*[contains(concat(' ', normalize-space(@class), ' '), ' h-cite ')])", $element ) ) {
			return $element;
		}
	}
	return null;
}
