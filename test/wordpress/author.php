<?php
// author.php DIR   Does what a person does with WordPress: reads one JSON command from standard
// input ({"do": "install" | "publish" | "edit" | "comments", ...}) and prints the outcome as JSON.
error_reporting( E_ALL & ~E_DEPRECATED & ~E_NOTICE & ~E_WARNING );
$command = json_decode( stream_get_contents( STDIN ), true );
if ( 'install' === $command['do'] ) {
	define( 'WP_INSTALLING', true );
}
$_SERVER['HTTP_HOST']      = $command['host'];
$_SERVER['REQUEST_METHOD'] = 'GET';
$_SERVER['REQUEST_URI']    = '/';
$_SERVER['REMOTE_ADDR']    = '127.0.0.1';
define( 'WP_USE_THEMES', false );
require $argv[1] . '/site/wp-load.php';
wp_set_current_user( 1 );
kses_remove_filters();

function install() {
	require_once ABSPATH . 'wp-admin/includes/upgrade.php';
	wp_install( 'Other Blog', 'anna', 'anna@example.test', true, '', 'a password for tests' );
	global $wp_rewrite;
	$wp_rewrite->init();
	$wp_rewrite->set_permalink_structure( '/%year%/%monthnum%/%day%/%postname%/' );
	$wp_rewrite->flush_rules( false );
	update_option( 'default_pingback_flag', 1 );  // tell the blogs that a post links to
	update_option( 'default_ping_status', 'open' ); // let other blogs tell this one
	update_option( 'ping_sites', '' );
	return get_bloginfo( 'version' );
}

function publish( $title, $html ) {
	$id = wp_insert_post( wp_slash( array( 'post_title' => $title, 'post_content' => $html, 'post_status' => 'publish', 'post_author' => 1 ) ), true );
	is_wp_error( $id ) && exit( $id->get_error_message() );
	return get_permalink( $id );
}

function edit( $address, $title, $html ) {
	$id = wp_update_post( wp_slash( array( 'ID' => url_to_postid( $address ), 'post_title' => $title, 'post_content' => $html ) ), true );
	is_wp_error( $id ) && exit( $id->get_error_message() );
	return get_permalink( $id );
}

function comments( $address ) {
	$found = array();
	foreach ( get_comments( array( 'post_id' => url_to_postid( $address ), 'status' => 'any', 'orderby' => 'comment_ID', 'order' => 'ASC' ) ) as $c ) {
		$found[] = array(
			'type'       => $c->comment_type,
			'author'     => html_entity_decode( $c->comment_author, ENT_QUOTES ),
			'author_url' => $c->comment_author_url,
			'content'    => $c->comment_content,
			'agent'      => $c->comment_agent,
			'approved'   => $c->comment_approved,
			'protocol'   => get_comment_meta( $c->comment_ID, 'protocol', true ),
			'source'     => get_comment_meta( $c->comment_ID, 'webmention_source_url', true ),
			'property'   => get_comment_meta( $c->comment_ID, 'hark_test_property', true ),
		);
	}
	return $found;
}

switch ( $command['do'] ) {
	case 'install':
		$outcome = install();
		break;
	case 'publish':
		$outcome = publish( $command['title'], $command['html'] );
		break;
	case 'edit':
		$outcome = edit( $command['address'], $command['title'], $command['html'] );
		break;
	case 'comments':
		$outcome = comments( $command['address'] );
		break;
	default:
		fwrite( STDERR, "unknown command\n" );
		exit( 1 );
}
echo json_encode( $outcome, JSON_UNESCAPED_SLASHES );
