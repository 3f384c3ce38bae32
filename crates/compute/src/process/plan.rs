//! Everything that the sandbox's first processes need, made before they are forked.

use std::{
    collections::BTreeSet,
    ffi::CString,
    fs,
    os::unix::ffi::OsStrExt as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Component, Path, PathBuf},
};

use nix::{
    sys::resource::Resource,
    unistd::{Gid, Uid},
};

use super::{
    Run,
    child::{Bind, Identity, Plan},
    create, filter, is_root,
};
use crate::{
    backend::{BackendError, Task},
    image::HostImage,
};

/// What of the host every program needs; links are copied as links.
const SYSTEM: [&str; 7] = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

/// Small files by which libraries find each other. Nothing in them tells about the host's people or secrets.
const SETTINGS: [&str; 3] = ["/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime"];

/// What a program with network needs as well.
const NETWORK_SETTINGS: [&str; 6] =
    ["/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/ssl", "/etc/ca-certificates", "/etc/pki"];

const DEVICES: [&str; 5] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

/// Where the commands of an image map are.
const COMMANDS: &str = "/opt/ocean/bin";

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const PASSWD: &[u8] = b"root:x:0:0:root:/:/sbin/nologin\nalgorithm:x:1000:1000::/tmp:/sbin/nologin\n";
const GROUP: &[u8] = b"root:x:0:\nalgorithm:x:1000:\n";

/// A tree that is being described.
struct Tree<'a> {
    root: &'a Path,
    known: BTreeSet<PathBuf>,
    directories: Vec<CString>,
    symlinks: Vec<(CString, CString)>,
    files: Vec<(CString, Vec<u8>)>,
    tmpfs: Vec<(CString, CString)>,
    binds: Vec<Bind>,
}

impl Tree<'_> {
    fn place(&self, inside: &Path) -> Result<CString, BackendError> {
        text(self.root.join(inside.strip_prefix("/").unwrap_or(inside)))
    }

    fn directory(&mut self, inside: &Path) -> Result<(), BackendError> {
        let mut path = PathBuf::from("/");
        for part in inside.components().filter(|part| matches!(part, Component::Normal(_))) {
            path.push(part);
            if self.known.insert(path.clone()) {
                let place = self.place(&path)?;
                self.directories.push(place);
            }
        }
        Ok(())
    }

    fn file(&mut self, inside: &Path, content: &[u8]) -> Result<(), BackendError> {
        if let Some(parent) = inside.parent() {
            self.directory(parent)?;
        }
        let place = self.place(inside)?;
        self.files.push((place, content.to_vec()));
        Ok(())
    }

    /// A part of the host at a place of the sandbox; nothing where the host has nothing.
    fn bind(&mut self, source: &Path, inside: &Path, device: bool) -> Result<(), BackendError> {
        let Ok(metadata) = fs::metadata(source) else { return Ok(()) };
        if metadata.is_dir() {
            self.directory(inside)?;
        } else {
            self.file(inside, b"")?;
        }
        let bind = Bind { source: text(source)?, target: self.place(inside)?, device };
        self.binds.push(bind);
        Ok(())
    }

    /// The same at the same place, where a link stays a link.
    fn show(&mut self, path: &Path) -> Result<(), BackendError> {
        match fs::read_link(path) {
            Ok(target) => self.link(&target, path),
            Err(_) => self.bind(path, path, false),
        }
    }

    fn link(&mut self, target: &Path, inside: &Path) -> Result<(), BackendError> {
        if let Some(parent) = inside.parent() {
            self.directory(parent)?;
        }
        let place = self.place(inside)?;
        self.symlinks.push((text(target)?, place));
        Ok(())
    }

    fn memory(&mut self, inside: &str, options: String) -> Result<(), BackendError> {
        self.directory(Path::new(inside))?;
        let place = self.place(Path::new(inside))?;
        self.tmpfs.push((place, text(options)?));
        Ok(())
    }
}

/// Text for the kernel.
fn text(text: impl AsRef<std::ffi::OsStr>) -> Result<CString, BackendError> {
    CString::new(text.as_ref().as_bytes()).map_err(|_| create("a path or argument has a zero byte in it"))
}

pub(super) fn make(
    task: &Task,
    host: &HostImage,
    run: &Run,
    account: u32,
    cgroups: Vec<fs::File>,
    limited: bool,
    lifeline: Option<fs::File>,
) -> Result<Plan, BackendError> {
    let identity = if is_root() {
        Identity::Account(account)
    } else {
        Identity::Namespace { uid: Uid::effective().as_raw(), gid: Gid::effective().as_raw() }
    };
    let root = run.root();
    let mut tree = Tree {
        root: &root,
        known: BTreeSet::new(),
        directories: Vec::new(),
        symlinks: Vec::new(),
        files: Vec::new(),
        tmpfs: Vec::new(),
        binds: Vec::new(),
    };
    match &host.root {
        Some(image) => whole_system(&mut tree, image)?,
        None => {
            for path in SYSTEM {
                tree.show(Path::new(path))?;
            }
            for path in SETTINGS {
                tree.show(Path::new(path))?;
            }
        }
    }
    if task.network {
        for path in NETWORK_SETTINGS {
            // What such a link points to lies elsewhere on the host, so the file itself is shown.
            tree.bind(Path::new(path), Path::new(path), false)?;
        }
    }
    if host.root.is_none() {
        tree.file(Path::new("/etc/passwd"), PASSWD)?;
        tree.file(Path::new("/etc/group"), GROUP)?;
    }
    for path in &host.paths {
        tree.bind(path, path, false)?;
    }
    for (name, program) in &host.commands {
        if name.is_empty() || name.contains('/') {
            return Err(create("a command of the image map has no usable name"));
        }
        tree.link(program, &Path::new(COMMANDS).join(name))?;
    }
    tree.directory(Path::new("/proc"))?;
    for device in DEVICES {
        tree.bind(Path::new(device), Path::new(device), true)?;
    }
    for (target, place) in [("/proc/self/fd", "fd"), ("fd/0", "stdin"), ("fd/1", "stdout"), ("fd/2", "stderr")] {
        tree.link(Path::new(target), &Path::new("/dev").join(place))?;
    }
    let owner = match identity {
        Identity::Account(id) => format!("uid={id},gid={id},mode=0700"),
        Identity::Namespace { .. } => "uid=1000,gid=1000,mode=0700".to_owned(),
    };
    // An empty file takes no blocks, so their number is bounded as well.
    let limits = &task.limits;
    let nodes = |bytes: u64| (bytes / 4_096).clamp(64, 100_000);
    tree.memory("/data/outputs", format!("size={},nr_inodes={},{owner}", limits.disk, nodes(limits.disk)))?;
    tree.memory("/data/logs", format!("size=1m,nr_inodes=64,{owner}"))?;
    tree.memory("/tmp", format!("size={},nr_inodes={},{owner}", limits.scratch, nodes(limits.scratch)))?;
    tree.memory("/dev/shm", format!("size={},nr_inodes=1024,{owner}", limits.scratch))?;
    for part in ["inputs", "ddos", "transformations"] {
        tree.bind(&task.folder.join(part), &Path::new("/data").join(part), false)?;
    }

    let program = task.arguments.first().ok_or_else(|| create("the container has no entrypoint"))?;
    let search = match host.commands.is_empty() {
        true => PATH.to_owned(),
        false => format!("{COMMANDS}:{PATH}"),
    };
    let programs = if program.contains('/') {
        vec![text(program)?]
    } else {
        let places = search.split(':').map(|place| text(format!("{place}/{program}")));
        places.collect::<Result<_, _>>()?
    };
    let arguments = task.arguments.iter().map(text).collect::<Result<_, _>>()?;
    let mut variables = std::collections::BTreeMap::from([
        ("PATH".to_owned(), search),
        ("HOME".to_owned(), "/tmp".to_owned()),
        ("LANG".to_owned(), "C.UTF-8".to_owned()),
    ]);
    variables.extend(task.environment.clone());
    let environment =
        variables.iter().map(|(name, value)| text(format!("{name}={value}"))).collect::<Result<_, _>>()?;

    let mut rlimits = vec![
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_NOFILE, 1_024),
        (Resource::RLIMIT_FSIZE, limits.disk.max(limits.scratch)),
        (Resource::RLIMIT_NPROC, u64::from(limits.processes)),
        (Resource::RLIMIT_MEMLOCK, 64 * 1024),
        (Resource::RLIMIT_MSGQUEUE, 0),
    ];
    if !limited {
        // Per process only, and of its address space; better than nothing.
        rlimits.push((Resource::RLIMIT_AS, limits.memory));
    }

    let io = |error: std::io::Error| create(format!("the sandbox's folder: {error}"));
    fs::create_dir_all(task.folder.join("logs")).map_err(io)?;
    let append = || fs::OpenOptions::new().append(true).create(true).to_owned();
    // Read and written by the keeper alone, it never blocks and never ends.
    let fifo = |path: PathBuf| {
        fs::OpenOptions::new().read(true).write(true).custom_flags(libc::O_NONBLOCK).open(path).map_err(io)
    };
    Ok(Plan {
        identity,
        network: task.network,
        root: text(&root)?,
        proc: text(root.join("proc"))?,
        outputs: text(root.join("data/outputs"))?,
        directories: tree.directories,
        symlinks: tree.symlinks,
        files: tree.files,
        tmpfs: tree.tmpfs,
        binds: tree.binds,
        programs,
        arguments,
        environment,
        rlimits,
        filters: filter::filters().map_err(create)?,
        log_limit: limits.log,
        time_limit: limits.time,
        log: append().truncate(false).open(task.log()).map_err(io)?,
        status: append().open(run.status()).map_err(io)?,
        control: fifo(run.control())?,
        events: fifo(run.events())?,
        null: fs::OpenOptions::new().read(true).write(true).open("/dev/null").map_err(io)?,
        lifeline,
        cgroups,
    })
}

/// The top directories of an image, read-only.
fn whole_system(tree: &mut Tree<'_>, image: &Path) -> Result<(), BackendError> {
    let io = |error: std::io::Error| create(format!("the image's folder: {error}"));
    for entry in fs::read_dir(image).map_err(io)? {
        let entry = entry.map_err(io)?;
        let inside = Path::new("/").join(entry.file_name());
        // These are made by the sandbox itself.
        if ["/proc", "/dev", "/tmp", "/data", "/sys"].iter().any(|own| inside == Path::new(own)) {
            continue;
        }
        match fs::read_link(entry.path()) {
            Ok(target) => tree.link(&target, &inside)?,
            Err(_) => tree.bind(&entry.path(), &inside, false)?,
        }
    }
    Ok(())
}
