//! Control groups, of version 1 or 2, where this process may make them.

use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use crate::{backend::Limits, job::JobId};

/// The group below which each job has one.
const PARENT: &str = "ocean-compute";

/// What limits one kind of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Controller {
    Memory,
    Pids,
    Cpu,
}

/// What of control groups is usable here.
#[derive(Debug, Clone, Default)]
pub(super) struct Cgroups {
    /// The parent in the hierarchy of version 2, and what it controls.
    unified: Option<(PathBuf, Vec<Controller>)>,
    /// The parents in hierarchies of version 1.
    separate: Vec<(Controller, PathBuf)>,
}

impl Cgroups {
    /// Looks at what is mounted and tries it out.
    pub(super) fn detect() -> Self {
        let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let mut found = Self::default();
        let base = Path::new("/sys/fs/cgroup");
        if base.join("cgroup.controllers").exists() {
            found.unified = own
                .lines()
                .find_map(|line| line.strip_prefix("0::"))
                .into_iter()
                // Beside this process's own group, since a group with processes has no groups with limits below it; else at the top.
                .filter_map(|path| {
                    Path::new(path).parent().map(|path| base.join(path.strip_prefix("/").unwrap_or(path)))
                })
                .chain([base.to_owned()])
                .find_map(|above| unified(&above));
            return found;
        }
        for (controller, name) in [(Controller::Memory, "memory"), (Controller::Pids, "pids"), (Controller::Cpu, "cpu")]
        {
            let path = own.lines().find_map(|line| {
                let mut parts = line.splitn(3, ':');
                let (_, names, path) = (parts.next()?, parts.next()?, parts.next()?);
                names.split(',').any(|known| known == name).then(|| path.to_owned())
            });
            let candidates = [path.unwrap_or_default(), String::new()];
            let usable = candidates.iter().find_map(|path| {
                let parent = base.join(name).join(path.trim_start_matches('/')).join(PARENT);
                fs::create_dir_all(&parent).ok()?;
                (parent.join("cgroup.procs").exists() && is_ours(&parent)).then_some(parent)
            });
            if let Some(parent) = usable {
                found.separate.push((controller, parent));
            }
        }
        found
    }

    /// Whether the memory of a whole job can be limited.
    pub(super) fn limits_memory(&self) -> bool {
        self.has(Controller::Memory)
    }

    fn has(&self, controller: Controller) -> bool {
        self.unified.as_ref().is_some_and(|(_, controls)| controls.contains(&controller))
            || self.separate.iter().any(|(known, _)| *known == controller)
    }

    fn folders(&self, id: &JobId) -> Vec<PathBuf> {
        let unified = self.unified.iter().map(|(parent, _)| parent);
        let separate = self.separate.iter().map(|(_, parent)| parent);
        unified.chain(separate).map(|parent| parent.join(id.as_str())).collect()
    }

    /// The groups of a job with their limits; `cgroup.procs` of each, to be entered.
    pub(super) fn make(&self, id: &JobId, limits: &Limits) -> io::Result<Vec<fs::File>> {
        self.remove(id)?;
        let mut entrances = Vec::new();
        if let Some((parent, controls)) = &self.unified {
            let group = parent.join(id.as_str());
            fs::create_dir(&group)?;
            for controller in controls {
                match controller {
                    Controller::Memory => {
                        put(&group, "memory.max", limits.memory)?;
                        let _ = put(&group, "memory.swap.max", 0);
                    }
                    Controller::Pids => put(&group, "pids.max", u64::from(limits.processes))?,
                    Controller::Cpu => {
                        let quota = u64::from(limits.milli_cpus.max(10)) * 100;
                        fs::write(group.join("cpu.max"), format!("{quota} 100000"))?;
                    }
                }
            }
            entrances.push(entrance(&group)?);
        }
        for (controller, parent) in &self.separate {
            let group = parent.join(id.as_str());
            fs::create_dir(&group)?;
            match controller {
                Controller::Memory => {
                    put(&group, "memory.limit_in_bytes", limits.memory)?;
                    let _ = put(&group, "memory.memsw.limit_in_bytes", limits.memory);
                    let _ = put(&group, "memory.swappiness", 0);
                }
                Controller::Pids => put(&group, "pids.max", u64::from(limits.processes))?,
                Controller::Cpu => {
                    put(&group, "cpu.cfs_period_us", 100_000)?;
                    put(&group, "cpu.cfs_quota_us", u64::from(limits.milli_cpus.max(10)) * 100)?;
                }
            }
            entrances.push(entrance(&group)?);
        }
        Ok(entrances)
    }

    /// Whether the kernel ended a process of the job for want of memory.
    pub(super) fn ran_out_of_memory(&self, id: &JobId) -> bool {
        self.folders(id).iter().any(|group| {
            ["memory.events", "memory.oom_control"].iter().any(|file| {
                let text = fs::read_to_string(group.join(file)).unwrap_or_default();
                text.lines().any(|line| {
                    line.strip_prefix("oom_kill ")
                        .and_then(|count| count.trim().parse::<u64>().ok())
                        .is_some_and(|count| count > 0)
                })
            })
        })
    }

    /// Takes the groups of a job away; its processes are gone by then, or about to be.
    pub(super) fn remove(&self, id: &JobId) -> io::Result<()> {
        for group in self.folders(id) {
            let mut tries = 0;
            loop {
                match fs::remove_dir(&group) {
                    Ok(()) => break,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => break,
                    Err(_) if tries < 200 => {
                        tries += 1;
                        thread::sleep(Duration::from_millis(5));
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }
}

/// A parent in the hierarchy of version 2 whose children can be limited.
fn unified(above: &Path) -> Option<(PathBuf, Vec<Controller>)> {
    for name in ["+memory", "+pids", "+cpu"] {
        let _ = fs::write(above.join("cgroup.subtree_control"), name);
    }
    let parent = above.join(PARENT);
    fs::create_dir_all(&parent).ok()?;
    for name in ["+memory", "+pids", "+cpu"] {
        let _ = fs::write(parent.join("cgroup.subtree_control"), name);
    }
    let given = fs::read_to_string(parent.join("cgroup.subtree_control")).ok()?;
    let known = [(Controller::Memory, "memory"), (Controller::Pids, "pids"), (Controller::Cpu, "cpu")];
    let controls: Vec<_> = known
        .into_iter()
        .filter(|(_, name)| given.split_whitespace().any(|given| given == *name))
        .map(|(known, _)| known)
        .collect();
    (!controls.is_empty() && is_ours(&parent)).then_some((parent, controls))
}

/// Whether groups can be made below `parent`; somebody else may have made it.
fn is_ours(parent: &Path) -> bool {
    let probe = parent.join(format!("probe-{}", std::process::id()));
    fs::create_dir(&probe).is_ok() && fs::remove_dir(&probe).is_ok()
}

fn put(group: &Path, file: &str, value: u64) -> io::Result<()> {
    fs::write(group.join(file), value.to_string())
}

fn entrance(group: &Path) -> io::Result<fs::File> {
    fs::OpenOptions::new().write(true).open(group.join("cgroup.procs"))
}
