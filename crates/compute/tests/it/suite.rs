//! What every backend has to do, and what it must not let happen. Algorithms are shell scripts, so that they run on the host's
//! programs as well as on a single static one.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use ocean_compute::{
    backend::{ComputeBackend, Exit, Limits, Presence, Task},
    image::Image,
    job::JobId,
};
use ocean_primitives::Dialect;
use tempfile::TempDir;

const MIB: u64 = 1024 * 1024;

/// A job's folder and what is to run.
pub(crate) struct Fixture {
    pub(crate) task: Task,
    pub(crate) folder: TempDir,
}

impl Fixture {
    pub(crate) fn new(image: &Image, script: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("ocean-compute-").tempdir().unwrap();
        let job = folder.path().join("job");
        for part in ["inputs", "ddos", "transformations", "logs"] {
            fs::create_dir_all(job.join(part)).unwrap();
        }
        fs::write(job.join("inputs/data"), "input").unwrap();
        fs::write(job.join("transformations/algorithm"), script).unwrap();
        let arguments = ["sh", "/data/transformations/algorithm"].map(str::to_owned).to_vec();
        let limits = Limits {
            memory: 64 * MIB,
            milli_cpus: 1_000,
            processes: 32,
            disk: 8 * MIB,
            scratch: 4 * MIB,
            log: 64 * 1024,
            time: Duration::from_secs(20),
        };
        let id = JobId::random(Dialect::Provider);
        let (image, environment) = (image.clone(), BTreeMap::from([("GREETING".to_owned(), "hello world".to_owned())]));
        Self { task: Task { id, folder: job, image, arguments, environment, limits, network: false }, folder }
    }

    pub(crate) fn output(&self, name: &str) -> String {
        let path = self.task.folder.join("outputs").join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}; the log is {:?}", self.log()))
    }

    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.task.log()).unwrap_or_default()).into_owned()
    }

    /// Runs it from beginning to end, and looks whether anything is left.
    pub(crate) async fn run(&self, backend: &dyn ComputeBackend) -> Exit {
        backend.prepare(&self.task, &self.folder.path().join("image.log")).await.unwrap();
        backend.start(&self.task).await.unwrap();
        let exit = backend.wait(&self.task).await.unwrap();
        assert_eq!(backend.presence(&self.task).await.unwrap(), Presence::Ended);
        backend.collect(&self.task).await.unwrap();
        self.clean(backend).await;
        exit
    }

    pub(crate) async fn clean(&self, backend: &dyn ComputeBackend) {
        backend.cleanup(&self.task).await.unwrap();
        assert_eq!(backend.presence(&self.task).await.unwrap(), Presence::Absent);
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
        let folder = self.folder.path().to_str().unwrap();
        assert!(!mounts.contains(folder), "a mount of {folder} is left");
        // Again is nothing new.
        backend.cleanup(&self.task).await.unwrap();
    }
}

/// A backend and an image of it that has a shell.
pub(crate) struct Bench<'a> {
    pub(crate) backend: &'a dyn ComputeBackend,
    pub(crate) image: Image,
    /// Whether the memory of a whole job is limited here, or that of each of its processes only.
    pub(crate) groups: bool,
}

impl Bench<'_> {
    async fn check(&self, script: &str) -> (Fixture, Exit) {
        let fixture = Fixture::new(&self.image, script);
        let exit = fixture.run(self.backend).await;
        (fixture, exit)
    }

    /// Everything. Cases run one after the other: they measure time and memory of one machine.
    pub(crate) async fn run_all(&self) {
        self.results_and_logs().await;
        self.exit_codes().await;
        self.privileges().await;
        self.file_systems().await;
        self.host_is_hidden().await;
        self.no_network().await;
        self.disk_quota().await;
        self.hostile_outputs().await;
        self.out_of_memory().await;
        self.fork_bomb().await;
        self.timeout_and_stop().await;
        self.endless_log().await;
        self.missing_program().await;
        self.reattached().await;
        self.absent().await;
    }

    async fn results_and_logs(&self) {
        let script = "echo \"$GREETING\"; echo problem >&2; cat /data/inputs/data; mkdir /data/outputs/sub; \
                      echo 42 > /data/outputs/result; echo deep > /data/outputs/sub/file; echo tmp > /tmp/x";
        let (fixture, exit) = self.check(script).await;
        assert!(exit.is_success(), "{exit:?} {}", fixture.log());
        assert_eq!(fixture.log(), "hello world\nproblem\ninput");
        assert_eq!((fixture.output("result"), fixture.output("sub/file")), ("42\n".to_owned(), "deep\n".to_owned()));
    }

    async fn exit_codes(&self) {
        for (script, code, signal) in
            [("exit 0", Some(0), None), ("exit 3", Some(3), None), ("exit 137", Some(137), None)]
        {
            let (_, exit) = self.check(script).await;
            assert_eq!((exit.code, exit.signal), (code, signal), "{script}: {exit:?}");
            assert!(!exit.out_of_memory && !exit.timed_out && !exit.stopped && !exit.disk_full, "{script}: {exit:?}");
        }
    }

    async fn privileges(&self) {
        let script = "grep -E '^(Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs|Seccomp|Uid)' /proc/self/status > /data/outputs/status; \
                      mount -t tmpfs none /tmp 2>/dev/null && echo mounted > /data/outputs/mounted; true";
        let (fixture, _) = self.check(script).await;
        let status = fixture.output("status");
        let field = |name: &str| {
            let line =
                status.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name} in {status}"));
            line.split_whitespace().skip(1).map(str::to_owned).collect::<Vec<_>>()
        };
        for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
            assert_eq!(field(set), ["0000000000000000"], "{status}");
        }
        assert_eq!(field("NoNewPrivs"), ["1"]);
        assert_eq!(field("Seccomp:"), ["2"]);
        assert!(field("Uid").iter().all(|uid| uid != "0"), "{status}");
        assert!(!fixture.task.folder.join("outputs/mounted").exists());
    }

    async fn file_systems(&self) {
        let script = "for place in / /usr /bin /etc /data /data/inputs /data/ddos /data/transformations; do \
                        if echo x 2>/dev/null > $place/written; then echo $place >> /data/outputs/wrote; fi; done; \
                      echo y 2>/dev/null >> /data/inputs/data; echo y 2>/dev/null >> /data/transformations/algorithm; \
                      rm -f /data/inputs/data 2>/dev/null; cat /data/inputs/data > /data/outputs/data";
        let (fixture, _) = self.check(script).await;
        assert!(!fixture.task.folder.join("outputs/wrote").exists(), "{}", fixture.output("wrote"));
        assert_eq!(fixture.output("data"), "input");
        assert_eq!(fs::read_to_string(fixture.task.folder.join("inputs/data")).unwrap(), "input");
    }

    async fn host_is_hidden(&self) {
        let secret = tempfile::NamedTempFile::new().unwrap();
        fs::write(secret.path(), "a secret of the host").unwrap();
        let path = secret.path().display();
        let script = format!(
            "cat {path} /etc/shadow /proc/1/environ /proc/kcore 2>/dev/null | head -c 100000; \
             ls -d /home /root /var /sys/kernel/debug /proc/[0-9]* 2>/dev/null > /data/outputs/seen; true"
        );
        let (fixture, exit) = self.check(&script).await;
        assert_eq!(exit.code, Some(0));
        assert!(
            !fixture.log().contains("a secret of the host") && !fixture.log().contains("root:"),
            "{}",
            fixture.log()
        );
        let pid = std::process::id();
        let seen = fixture.output("seen");
        let processes = seen.lines().filter(|line| line.starts_with("/proc/")).count();
        assert!((1..=5).contains(&processes) && !seen.contains(&format!("/proc/{pid}\n")), "{seen}");
    }

    async fn no_network(&self) {
        let (fixture, _) =
            self.check("cat /proc/net/dev > /data/outputs/devices; cat /proc/net/route > /data/outputs/routes").await;
        let devices = fixture.output("devices");
        let names: Vec<_> = devices.lines().filter_map(|line| Some(line.split_once(':')?.0.trim())).collect();
        assert!(names.iter().all(|name| ["lo", "sit0", "tunl0", "ip6tnl0"].contains(name)), "{devices}");
        assert!(fixture.output("routes").lines().count() <= 1, "{}", fixture.output("routes"));
    }

    async fn disk_quota(&self) {
        let script = "dd if=/dev/zero of=/data/outputs/big bs=65536 count=1024 2>/dev/null; echo ended $?";
        let (fixture, exit) = self.check(script).await;
        let size = fs::metadata(fixture.task.folder.join("outputs/big")).unwrap().len();
        assert!(size <= 8 * MIB && size > 6 * MIB, "{size}");
        assert!(exit.disk_full, "{exit:?}");
        assert!(fixture.log().contains("ended 1"), "{}", fixture.log());
        // Empty files take room as well.
        let script = "i=0; while [ $i -lt 5000 ] && : 2>/dev/null > /data/outputs/$i; do i=$((i+1)); done; \
                      rm /data/outputs/0 /data/outputs/1; echo $i > /data/outputs/count";
        let (fixture, _) = self.check(script).await;
        let count = fs::read_dir(fixture.task.folder.join("outputs")).unwrap().count();
        assert!(count < 4_000, "{count} files were made");
    }

    async fn hostile_outputs(&self) {
        let script = "cd /data/outputs; ln -s /etc/passwd link; ln -s / root; mkfifo pipe 2>/dev/null; mkdir -m 0 closed; \
                      : > shut; chmod 0 shut; echo ok > plain; ln plain hard";
        let (fixture, _) = self.check(script).await;
        let outputs = fixture.task.folder.join("outputs");
        let mut names: Vec<_> =
            fs::read_dir(&outputs).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, ["closed", "hard", "plain", "shut"]);
        assert!(fs::symlink_metadata(outputs.join("plain")).unwrap().is_file());
        // A file of holes: 1 GB by its length, nothing on the disk of the sandbox.
        let mut sparse =
            Fixture::new(&self.image, "dd if=/dev/zero of=/data/outputs/sparse bs=1 count=1 seek=9000000 2>/dev/null");
        sparse.task.limits.disk = 4 * MIB;
        sparse.task.limits.scratch = 16 * MIB;
        self.backend.start(&sparse.task).await.unwrap();
        self.backend.wait(&sparse.task).await.unwrap();
        let collected = self.backend.collect(&sparse.task).await;
        assert!(
            collected.is_err()
                || fs::metadata(sparse.task.folder.join("outputs/sparse")).map_or(0, |file| file.len()) <= 4 * MIB
        );
        sparse.clean(self.backend).await;
    }

    async fn out_of_memory(&self) {
        // An endless line has to be kept in memory.
        let fixture = Fixture::new(&self.image, "tail /dev/zero; echo survived $? > /data/outputs/after");
        let exit = fixture.run(self.backend).await;
        assert!(exit.out_of_memory || !self.groups, "{exit:?} {}", fixture.log());
        assert!(!fixture.log().is_empty() || exit.code != Some(0) || exit.out_of_memory, "{exit:?}");
        assert!(!exit.timed_out, "{exit:?}");
    }

    async fn fork_bomb(&self) {
        let script =
            "i=0; while [ $i -lt 200 ]; do (sleep 60) & i=$((i+1)); done; echo all started > /data/outputs/all";
        let mut fixture = Fixture::new(&self.image, script);
        fixture.task.limits.time = Duration::from_secs(5);
        let started = Instant::now();
        let exit = fixture.run(self.backend).await;
        assert!(!fixture.task.folder.join("outputs/all").exists(), "200 processes were started: {exit:?}");
        assert!(!exit.is_success() && started.elapsed() < Duration::from_secs(30), "{exit:?}");

        // One that only grows ends with its time, and nothing of it is left.
        let mut fixture = Fixture::new(
            &self.image,
            "bomb() { bomb 2>/dev/null | bomb 2>/dev/null & sleep 77123; }; bomb; sleep 77123",
        );
        fixture.task.limits.time = Duration::from_secs(2);
        fixture.run(self.backend).await;
        assert!(!is_running("77123"), "a process of a fork bomb is left");
    }

    async fn timeout_and_stop(&self) {
        let mut fixture = Fixture::new(&self.image, "echo begun > /data/outputs/partial; sleep 77124");
        fixture.task.limits.time = Duration::from_millis(1_500);
        let started = Instant::now();
        let exit = fixture.run(self.backend).await;
        assert!(exit.timed_out && !exit.stopped && !exit.is_success(), "{exit:?}");
        assert!(started.elapsed() < Duration::from_secs(15));
        assert_eq!(fixture.output("partial"), "begun\n");
        assert!(!is_running("77124"));

        let fixture = Fixture::new(&self.image, "echo begun > /data/outputs/partial; echo running; sleep 77125");
        self.backend.start(&fixture.task).await.unwrap();
        assert_eq!(self.backend.presence(&fixture.task).await.unwrap(), Presence::Running);
        let (waited, ()) = tokio::join!(self.backend.wait(&fixture.task), async {
            // The log flows while it runs.
            while !fixture.log().contains("running") {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            self.backend.stop(&fixture.task).await.unwrap();
        });
        let exit = waited.unwrap();
        assert!(exit.stopped && !exit.timed_out, "{exit:?}");
        self.backend.collect(&fixture.task).await.unwrap();
        assert_eq!(fixture.output("partial"), "begun\n");
        fixture.clean(self.backend).await;
        assert!(!is_running("77125"));
    }

    async fn endless_log(&self) {
        let (fixture, exit) = self
            .check("i=0; while [ $i -lt 4000 ]; do echo 0123456789012345678901234567890123456789; i=$((i+1)); done")
            .await;
        assert!(exit.is_success(), "{exit:?}");
        let log = fs::metadata(fixture.task.log()).unwrap().len();
        assert!((32 * 1024..=66 * 1024).contains(&log), "{log}");
    }

    async fn missing_program(&self) {
        let mut fixture = Fixture::new(&self.image, "");
        fixture.task.arguments = vec!["no-such-program".to_owned()];
        let started = self.backend.start(&fixture.task).await;
        let failed = match started {
            Err(error) => Err(error),
            Ok(()) => self.backend.wait(&fixture.task).await,
        };
        assert!(failed.is_err(), "{failed:?}");
        fixture.clean(self.backend).await;
    }

    /// Who comes back after a crash finds the running algorithm and the one that ended meanwhile.
    async fn reattached(&self) {
        let fixture =
            Fixture::new(&self.image, "echo one; sleep 1; echo two; echo done > /data/outputs/result; exit 5");
        self.backend.start(&fixture.task).await.unwrap();
        // Somebody waited, and is no more.
        let abandoned = tokio::time::timeout(Duration::from_millis(200), self.backend.wait(&fixture.task)).await;
        assert!(abandoned.is_err());
        assert_eq!(self.backend.presence(&fixture.task).await.unwrap(), Presence::Running);
        assert_eq!(self.backend.wait(&fixture.task).await.unwrap().code, Some(5));
        assert_eq!(self.backend.wait(&fixture.task).await.unwrap().code, Some(5), "asked again");
        assert_eq!(fixture.log(), "one\ntwo\n");
        self.backend.collect(&fixture.task).await.unwrap();
        self.backend.collect(&fixture.task).await.unwrap();
        assert_eq!(fixture.output("result"), "done\n");
        fixture.clean(self.backend).await;
    }

    async fn absent(&self) {
        let fixture = Fixture::new(&self.image, "");
        assert_eq!(self.backend.presence(&fixture.task).await.unwrap(), Presence::Absent);
        assert!(self.backend.wait(&fixture.task).await.is_err());
        assert!(self.backend.collect(&fixture.task).await.is_err());
        self.backend.stop(&fixture.task).await.unwrap();
        fixture.clean(self.backend).await;
        let mut unknown = Fixture::new(&self.image, "");
        unknown.task.image = Image::new("no.such.registry.invalid/image", "1");
        let log: PathBuf = unknown.folder.path().join("image.log");
        assert!(self.backend.prepare(&unknown.task, &log).await.is_err());
        assert!(!fs::read_to_string(log).unwrap().is_empty());
    }
}

/// Whether a process of this machine has `word` in its command line.
pub(crate) fn is_running(word: &str) -> bool {
    let own = Path::new("/proc").join(std::process::id().to_string());
    fs::read_dir("/proc").unwrap().filter_map(Result::ok).any(|entry| {
        entry.path() != own
            && fs::read(entry.path().join("cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains(word))
    })
}
