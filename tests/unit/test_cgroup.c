// SPDX-License-Identifier: GPL-2.0
/*
 * The paths that runtimes, the kubelet and systemd make, as their documentation and
 * sources have them, with both drivers and both versions of control groups.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cgroup.h"

#define ID	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID2	"fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define UID	"1f2e3d4c-0000-4abc-8def-00112233445566"
#define POD	"1f2e3d4c-0000-4abc-8def-001122334455"
#define POD_	"1f2e3d4c_0000_4abc_8def_001122334455"
#define STATIC	"b1c5a3f01f2e3d4c00004abc8def0011"
#define LONG	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
	const char *what, *text;
	const char *container, *pod, *unit, *user_unit;
} cases[] = {
	/* docker */
	{ "docker, cgroupfs, v1", "4:memory:/docker/" ID "\n1:name=systemd:/docker/" ID "\n",
	  ID, "", "", "" },
	{ "docker, systemd, v1", "1:name=systemd:/system.slice/docker-" ID ".scope\n",
	  ID, "", "docker-" ID ".scope", "" },
	{ "docker, systemd, v2", "0::/system.slice/docker-" ID ".scope\n",
	  ID, "", "docker-" ID ".scope", "" },
	{ "docker, cgroupfs, v2", "0::/docker/" ID "\n", ID, "", "", "" },
	{ "docker, a parent of one's own", "0::/team/web/" ID, ID, "", "", "" },
	{ "docker, rootless", "0::/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" ID
	  ".scope\n", ID, "", "user@1000.service", "docker-" ID ".scope" },
	{ "docker in docker", "0::/docker/" ID "/docker/" ID2 "\n", ID2, "", "", "" },
	{ "systemd in docker", "0::/system.slice/docker-" ID ".scope/system.slice/nginx.service\n",
	  ID, "", "nginx.service", "" },
	{ "docker's daemon", "0::/system.slice/docker.service\n", "", "", "docker.service", "" },
	/* containerd */
	{ "containerd, cgroupfs, v1", "9:cpuset:/default/" ID "\n", ID, "", "", "" },
	{ "nerdctl, systemd", "0::/system.slice/nerdctl-" ID ".scope\n",
	  ID, "", "nerdctl-" ID ".scope", "" },
	{ "containerd for the kubelet, its own form",
	  "1:name=systemd:/system.slice/containerd.service/kubepods-burstable-pod" POD_
	  ".slice:cri-containerd:" ID "\n", ID, POD, "containerd.service", "" },
	/* podman */
	{ "podman, systemd, v2", "0::/machine.slice/libpod-" ID ".scope/container\n",
	  ID, "", "libpod-" ID ".scope", "" },
	{ "podman, cgroupfs", "0::/libpod_parent/libpod-" ID "\n", ID, "", "", "" },
	{ "podman, v1", "3:pids:/machine.slice/libpod-" ID ".scope\n1:name=systemd:/machine.slice/libpod-"
	  ID ".scope\n", ID, "", "libpod-" ID ".scope", "" },
	{ "podman, a pod", "0::/machine.slice/machine-libpod_pod_" ID2 ".slice/libpod-" ID ".scope\n",
	  ID, "", "libpod-" ID ".scope", "" },
	{ "podman, rootless", "0::/user.slice/user-7.slice/user@7.service/user.slice/libpod-" ID
	  ".scope/container\n", ID, "", "user@7.service", "libpod-" ID ".scope" },
	{ "podman in a unit of its own", "0::/system.slice/web.service/libpod-payload-" ID "\n",
	  ID, "", "web.service", "" },
	{ "podman's monitor", "0::/machine.slice/libpod-conmon-" ID ".scope\n",
	  "", "", "libpod-conmon-" ID ".scope", "" },
	/* cri-o */
	{ "cri-o, cgroupfs", "0::/kubepods/besteffort/pod" POD "/crio-" ID "\n", ID, POD, "", "" },
	{ "cri-o, systemd", "0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" POD_
	  ".slice/crio-" ID ".scope/container\n", ID, POD, "crio-" ID ".scope", "" },
	{ "cri-o's monitor", "0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" POD_
	  ".slice/crio-conmon-" ID ".scope\n", "", POD, "crio-conmon-" ID ".scope", "" },
	/* Kubernetes */
	{ "burstable, cgroupfs, v1", "5:cpu,cpuacct:/kubepods/burstable/pod" POD "/" ID "\n",
	  ID, POD, "", "" },
	{ "guaranteed, cgroupfs", "0::/kubepods/pod" POD "/" ID "\n", ID, POD, "", "" },
	{ "burstable, systemd", "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" POD_
	  ".slice/cri-containerd-" ID ".scope\n", ID, POD, "cri-containerd-" ID ".scope", "" },
	{ "guaranteed, systemd", "0::/kubepods.slice/kubepods-pod" POD_ ".slice/cri-containerd-" ID
	  ".scope\n", ID, POD, "cri-containerd-" ID ".scope", "" },
	{ "docker for the kubelet", "0::/kubepods.slice/kubepods-pod" POD_ ".slice/docker-" ID ".scope\n",
	  ID, POD, "docker-" ID ".scope", "" },
	{ "a static pod", "0::/kubepods/burstable/pod" STATIC "/" ID "\n", ID, STATIC, "", "" },
	{ "a node in a container", "0::/docker/" ID2 "/kubelet/kubepods/besteffort/pod" POD "/" ID "\n",
	  ID, POD, "", "" },
	{ "the same, systemd", "0::/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/"
	  "kubelet-kubepods-burstable-pod" POD_ ".slice/cri-containerd-" ID ".scope\n",
	  ID, POD, "cri-containerd-" ID ".scope", "" },
	{ "a pod's own process", "0::/kubepods/burstable/pod" POD "\n", "", POD, "", "" },
	{ "seen from a namespace", "0::/../../pod" POD "/" ID "\n", ID, POD, "", "" },
	{ "no pod's", "0::/pod" POD "\n", "", "", "", "" },
	{ "no uid", "0::/kubepods/burstable/pod" UID "\n", "", "", "", "" },
	{ "no uid, systemd", "0::/kubepods.slice/kubepods-podless.slice\n", "", "", "", "" },
	/* lxc */
	{ "lxc, before 4", "1:name=systemd:/lxc/web\n", "web", "", "", "" },
	{ "lxc, v2", "0::/lxc.payload.web-1\n", "web-1", "", "", "" },
	{ "lxc, systemd in it", "0::/lxc.payload.web/system.slice/nginx.service\n",
	  "web", "", "nginx.service", "" },
	{ "lxc, in between", "0::/lxc.payload/web\n", "web", "", "", "" },
	{ "lxc's monitor", "0::/lxc.monitor.web\n", "", "", "", "" },
	{ "docker in lxc", "0::/lxc.payload.web/docker/" ID "\n", ID, "", "", "" },
	/* systemd */
	{ "systemd-nspawn", "0::/machine.slice/systemd-nspawn@web\\x2dtwo.service/payload\n",
	  "web-two", "", "systemd-nspawn@web\\x2dtwo.service", "" },
	{ "systemd in it", "0::/machine.slice/systemd-nspawn@web.service/payload/system.slice/a.service\n",
	  "web", "", "a.service", "" },
	{ "its supervisor", "0::/machine.slice/systemd-nspawn@web.service/supervisor\n",
	  "", "", "systemd-nspawn@web.service", "" },
	{ "systemd-nspawn by hand", "0::/machine.slice/machine-web.scope/payload\n",
	  "web", "", "machine-web.scope", "" },
	{ "libvirt's lxc", "0::/machine.slice/machine-lxc\\x2d12\\x2dweb.scope\n",
	  "lxc-12-web", "", "machine-lxc\\x2d12\\x2dweb.scope", "" },
	{ "a virtual machine", "0::/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator\n",
	  "", "", "machine-qemu\\x2d1\\x2dweb.scope", "" },
	{ "a service", "0::/system.slice/ssh.service\n", "", "", "ssh.service", "" },
	{ "an instance", "0::/system.slice/system-getty.slice/getty@tty1.service\n",
	  "", "", "getty@tty1.service", "" },
	{ "a service with groups of its own", "0::/system.slice/db.service/worker/3\n",
	  "", "", "db.service", "" },
	{ "an escaped name", "0::/system.slice/_cpu.service\n", "", "", "cpu.service", "" },
	{ "a session", "0::/user.slice/user-1000.slice/session-3.scope\n", "", "", "session-3.scope", "" },
	{ "a user's unit", "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-term.scope\n",
	  "", "", "user@1000.service", "app-term.scope" },
	{ "a user's manager", "0::/user.slice/user-1000.slice/user@1000.service/init.scope\n",
	  "", "", "user@1000.service", "init.scope" },
	{ "the first process", "0::/init.scope\n", "", "", "init.scope", "" },
	{ "a slice", "0::/system.slice\n", "", "", "", "" },
	{ "none", "0::/\n", "", "", "", "" },
	{ "gone", "0::/system.slice/gone.service (deleted)\n", "", "", "gone.service", "" },
	/* several */
	{ "hybrid", "5:memory:/other\n1:name=systemd:/system.slice/a.service\n0::/system.slice/b.service\n",
	  "", "", "a.service", "" },
	{ "a container in some", "1:name=systemd:/system.slice/a.service\n7:memory:/docker/" ID "\n"
	  "8:cpu:/docker/" ID2 "\n", ID, "", "a.service", "" },
	/* nobody's */
	{ "a short id", "0::/docker/0123456789ab\n", "", "", "", "" },
	{ "a long one", "0::/docker/0" ID "\n", "", "", "", "" },
	{ "not hexadecimal", "0::/docker/" LONG "\n", "", "", "", "" },
	{ "no text", "", "", "", "", "" },
	{ "no lines", "\n\n:\n::\n0:\n0::\n0::x\n1:2\n", "", "", "", "" },
	{ "control characters", "0::/lxc/a\x1b[2J\n", "", "", "", "" },
	{ "escaped ones", "0::/machine.slice/machine-a\\x0ab.scope\n",
	  "", "", "machine-a\\x0ab.scope", "" },
	{ "not UTF-8", "0::/lxc/\xff\xfe/\xff.service\n", "", "", "", "" },
	{ "empty names", "0::/lxc.payload./machine-.scope/systemd-nspawn@.service/.scope/lxc//\n",
	  "", "", "systemd-nspawn@.service", "" },
};

static void expect(const char *what, const char *which, const char *got, const char *wanted)
{
	if (strcmp(got, wanted))
		fail_msg("%s: %s is '%s', not '%s'", what, which, got, wanted);
}

static void test_paths(void **state)
{
	struct rp_cgroup c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rp_cgroup_parse(cases[i].text, strlen(cases[i].text), &c);
		expect(cases[i].what, "container", c.container, cases[i].container);
		expect(cases[i].what, "pod", c.pod, cases[i].pod);
		expect(cases[i].what, "unit", c.unit, cases[i].unit);
		expect(cases[i].what, "user_unit", c.user_unit, cases[i].user_unit);
	}
}

static void test_path(void **state)
{
	static const char text[] = "9:memory:/m\n1:name=systemd:/s/a.service (deleted)\n0::/u\n";
	static const char unified[] = "9:memory:/m\n0::/u\n";
	static const char other[] = "9:memory:/m\n8:cpu:/c\n";
	struct rp_cgroup c;

	(void)state;
	rp_cgroup_parse(text, sizeof(text) - 1, &c);
	assert_string_equal(c.path, "/s/a.service");
	rp_cgroup_parse(unified, sizeof(unified) - 1, &c);
	assert_string_equal(c.path, "/u");
	rp_cgroup_parse(other, sizeof(other) - 1, &c);
	assert_string_equal(c.path, "/m");
	rp_cgroup_parse("", 0, &c);
	assert_string_equal(c.path, "");
}

/* Longer than any name or path of the kernel's. */
static void test_limits(void **state)
{
	char text[2 * PATH_MAX];
	struct rp_cgroup c;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "0::/lxc/", 8);
	rp_cgroup_parse(text, 8 + NAME_MAX, &c);
	assert_int_equal(strlen(c.container), NAME_MAX);
	rp_cgroup_parse(text, 8 + NAME_MAX + 1, &c);
	assert_string_equal(c.container, "");
	assert_int_equal(strlen(c.path), 5 + NAME_MAX + 1);
	rp_cgroup_parse(text, 3 + PATH_MAX - 1, &c);
	assert_int_equal(strlen(c.path), PATH_MAX - 1);
	rp_cgroup_parse(text, 3 + PATH_MAX, &c);
	assert_string_equal(c.path, "");
	text[20] = '\0';
	rp_cgroup_parse(text, 40, &c);
	assert_string_equal(c.path, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
