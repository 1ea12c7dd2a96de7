//! The built front-ends, inside the binary. In debug builds they are read from disk, so that a rebuild shows at once.

use actix_web::http::header::{self, ETag, EntityTag, Header as _, HeaderName, IfNoneMatch};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::{EmbeddedFile, RustEmbed};
use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{PoisonError, RwLock};

#[derive(RustEmbed)]
#[folder = "web-widget/dist"]
struct Widget;

#[derive(RustEmbed)]
#[folder = "web-console/dist"]
struct Console;

#[derive(RustEmbed)]
#[folder = "demo/site"]
struct Demo;

/// One of the front-ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Site {
    Widget,
    Console,
    Demo,
}

/// How long a browser may keep a file without asking.
#[derive(Debug, Clone, Copy)]
pub(super) enum Keep {
    /// The name changes with the content.
    Forever,
    /// Ask each time; a 304 is cheap.
    Ask,
    /// A few minutes: the loader, which stands on every page of the host.
    Minutes,
    /// Leave no trace: the portal.
    Never,
}

/// Files with their compressed forms, each compressed once.
#[derive(Default)]
pub(super) struct Assets {
    gzipped: RwLock<HashMap<[u8; 32], Option<Bytes>>>,
}

impl Assets {
    /// The file as an answer to `request`, with `headers` on it. `None` when there is no such file.
    pub(super) fn respond(
        &self,
        request: &HttpRequest,
        (site, path): (Site, &str),
        keep: Keep,
        headers: Vec<(HeaderName, String)>,
    ) -> Option<HttpResponse> {
        let file = site.file(path)?;
        let hash = file.metadata.sha256_hash();
        let tag = EntityTag::new_weak(hash[..16].iter().map(|byte| format!("{byte:02x}")).collect());
        let mut response = HttpResponse::Ok();
        for pair in headers {
            response.insert_header(pair);
        }
        response
            .insert_header((header::CACHE_CONTROL, keep.cache_control()))
            .insert_header((header::VARY, "Accept-Encoding"));
        if !matches!(keep, Keep::Never) {
            response.insert_header(ETag(tag.clone()));
            if is_known(request, &tag) {
                return Some(response.status(actix_web::http::StatusCode::NOT_MODIFIED).finish());
            }
        }
        response.content_type(mime_guess::from_path(path).first_or_octet_stream().as_ref());
        if accepts_gzip(request)
            && let Some(small) = self.gzipped(hash, &file)
        {
            response.insert_header((header::CONTENT_ENCODING, "gzip"));
            return Some(response.body(small));
        }
        Some(response.body(file.data.into_owned()))
    }

    /// The compressed file, when that saves something.
    fn gzipped(&self, hash: [u8; 32], file: &EmbeddedFile) -> Option<Bytes> {
        if let Some(known) = self.gzipped.read().unwrap_or_else(PoisonError::into_inner).get(&hash) {
            return known.clone();
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let small = encoder
            .write_all(&file.data)
            .and_then(|()| encoder.finish())
            .ok()
            .filter(|small| small.len() < file.data.len() * 9 / 10)
            .map(Bytes::from);
        self.gzipped.write().unwrap_or_else(PoisonError::into_inner).insert(hash, small.clone());
        small
    }
}

impl Site {
    fn file(self, path: &str) -> Option<EmbeddedFile> {
        // A development build reads the folder itself, where `..` has a meaning.
        if path.split('/').any(|part| part == "..") {
            return None;
        }
        match self {
            Self::Widget => Widget::get(path),
            Self::Console => Console::get(path),
            Self::Demo => Demo::get(path),
        }
    }
}

impl Keep {
    fn cache_control(self) -> &'static str {
        match self {
            Self::Forever => "public, max-age=31536000, immutable",
            Self::Ask => "no-cache",
            Self::Minutes => "public, max-age=300",
            Self::Never => "no-store",
        }
    }
}

fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => request.headers().contains_key(header::IF_NONE_MATCH),
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

fn accepts_gzip(request: &HttpRequest) -> bool {
    let accepted = request.get_header::<header::AcceptEncoding>();
    let gzip = header::Encoding::gzip();
    accepted
        .is_some_and(|accepted| accepted.negotiate([&gzip, &header::Encoding::identity()].into_iter()) == Some(gzip))
}
