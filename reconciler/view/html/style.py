"""How the page looks: light and dark, from a phone to a wide screen, on paper too."""

from typing import Final

STYLE: Final = """
:root{color-scheme:light dark;--bg:#fff;--soft:#f6f8fa;--line:#d0d7de;--ink:#1f2328;--dim:#59636e;--link:#0969da;
  --r0:#59636e;--r1:#116329;--r2:#7d4e00;--r3:#953800;--r4:#a40e26;--add:#dafbe1;--cut:#ffebe9;--addb:#7ee2a0;
  --cutb:#ffb3ad;--frame:min(100%,680px)}
@media(prefers-color-scheme:dark){:root{--bg:#0d1117;--soft:#161b22;--line:#3d444d;--ink:#f0f6fc;--dim:#9198a1;
  --link:#4493f8;--r0:#9198a1;--r1:#3fb950;--r2:#d29922;--r3:#f0883e;--r4:#ff7b72;--add:#12361f;--cut:#47171a;
  --addb:#1f6f37;--cutb:#8c2a2a}}
*{box-sizing:border-box}
body{margin:0;overflow-wrap:anywhere;background:var(--bg);color:var(--ink);
  font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
header,main,footer{max-width:1180px;margin-inline:auto;padding-inline:20px}
header{padding-top:28px}
h1{font-size:26px;margin:0 0 4px}
h2{font-size:19px;margin:28px 0 8px}
h3{font-size:16px;margin:0}
h4{font-size:15px;margin:22px 0 6px}
h5{font-size:13px;margin:8px 0 4px;color:var(--dim);font-weight:600}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,monospace;font-size:.9em;overflow-wrap:anywhere}
.note{color:var(--dim);font-size:14px;margin:6px 0}
.verdict{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:12px;margin:18px 0;padding:0;
  list-style:none}
.verdict li{border:1px solid var(--line);border-radius:10px;padding:12px 14px;background:var(--soft)}
.verdict b{display:block;font-size:20px}
.verdict .blocked{border-color:var(--r4)}
.badge{display:inline-block;border:1px solid currentColor;border-radius:999px;padding:0 9px;font-size:13px;
  font-weight:700}
.R0{color:var(--r0)}
.R1{color:var(--r1)}
.R2{color:var(--r2)}
.R3{color:var(--r3)}
.R4{color:var(--r4)}
.filters{display:grid;gap:8px;border:1px solid var(--line);border-radius:10px;padding:12px 16px}
fieldset{border:0;margin:0;padding:0 0 0 78px;min-width:0;display:flex;flex-wrap:wrap;gap:4px 18px;font-size:14px}
legend{float:left;font-weight:600;width:60px;margin-left:-78px;padding:0}
label{cursor:pointer;display:flex;gap:6px;align-items:baseline}
input{accent-color:var(--link);margin:0;flex:none;transform:translateY(1px)}
.change{border:1px solid var(--line);border-radius:10px;margin:12px 0;padding:0 16px}
.change[open]{padding-bottom:16px}
summary{cursor:pointer;padding:12px 0;display:flex;gap:10px;align-items:center;flex-wrap:wrap}
summary::before{content:"▸";color:var(--dim)}
[open]>summary::before{content:"▾"}
.email summary{padding:4px 0;font-size:14px;color:var(--dim)}
.kind{font-weight:600}
.reasons{margin:4px 0;padding-left:20px}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:16px}
.pair.single{grid-template-columns:1fr}
@media(max-width:1179px){.pair{grid-template-columns:1fr}}
.before,.after{border:1px solid var(--line);border-radius:10px;padding:4px 12px 12px;min-width:0;
  background:var(--soft)}
.after{border-top:3px solid var(--r1)}
.before{border-top:3px solid var(--r4)}
.inbox{display:flex;gap:10px;white-space:nowrap;overflow:hidden;background:var(--bg);border:1px solid var(--line);
  border-radius:6px;padding:8px 10px;margin-top:8px;font-size:14px}
.sender,.subject{font-weight:700;flex:none;max-width:60%;overflow:hidden;text-overflow:ellipsis}
.preview{color:var(--dim);overflow:hidden;text-overflow:ellipsis}
iframe{width:var(--frame);max-width:100%;height:460px;border:1px solid var(--line);border-radius:8px;
  background:#fff;color-scheme:light;display:block}
/* An e-mail for a wide screen, made smaller so that two of them stand side by side. */
@media(min-width:1180px){.pair:not(.single) iframe{width:660px;max-width:none;height:590px;zoom:.78}}
.plain{white-space:pre-wrap;background:var(--bg);padding:8px;border-radius:6px}
.bubble{background:#0b57d0;color:#fff;border-radius:18px 18px 4px 18px;padding:9px 14px;max-width:320px;
  white-space:pre-wrap;overflow-wrap:anywhere;margin:8px 0 4px}
.whatsapp{background:#d9fdd3;color:#111b21;border-radius:10px;padding:10px 12px;max-width:460px;margin-top:8px}
.whatsapp .note{color:#3b4a54}
.whatsapp mark{background:#fff3b0;color:inherit}
.call{border:1px solid var(--line);border-radius:10px;padding:12px;margin-top:8px;background:var(--bg)}
table{border-collapse:collapse;font-size:14px}
th,td{min-width:88px;text-align:left;vertical-align:top;
  padding:6px 10px;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
dl{margin:8px 0}
dt{font-size:13px;font-weight:600;overflow-wrap:anywhere}
dd{margin:0 0 6px;padding-bottom:6px;border-bottom:1px solid #a9d8a0;overflow-wrap:anywhere}
.wide{overflow-x:auto;margin-top:14px}
.wide table{width:100%}
.origin.drift,.origin.conflict{color:var(--r4);font-weight:700}
.diff{margin-bottom:10px;border:1px solid var(--line);border-radius:8px;overflow:hidden;font-size:14px;
  background:var(--bg)}
.diff>div{padding:2px 10px;white-space:pre-wrap;overflow-wrap:anywhere}
.diff>div:has(ins){background:var(--add)}
.diff>div:has(del){background:var(--cut)}
del,ins{text-decoration:none}
ins b{background:var(--addb)}
del b{background:var(--cutb);text-decoration:line-through}
.diff>div>:not(.unseen)::before{content:"";display:inline-block;width:1.3em}
.diff del::before{content:"-"!important}
.diff ins::before{content:"+"!important}
.gap{color:var(--dim)}
p del{background:var(--cut);text-decoration:line-through}
p ins{background:var(--add)}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.timeline{overflow-x:auto;padding:8px 0}
svg text{font:13px system-ui,sans-serif;fill:var(--ink)}
svg .when,svg .lane{fill:var(--dim)}
svg .kind{font-weight:600}
svg .when.shifted{fill:var(--r2);font-weight:600}
svg rect{fill:var(--soft);stroke:var(--line);stroke-width:1.5}
.edited rect,.moved rect{stroke:var(--r2);stroke-width:3}
.inserted rect{stroke:var(--r1);stroke-width:3}
.removed rect{stroke:var(--r4);stroke-width:3;stroke-dasharray:6 4}
svg .arrow,svg .link{fill:none;stroke:var(--dim)}
svg .link{stroke-dasharray:3 4}
.said li{margin:6px 0}
footer{padding-block:24px;color:var(--dim);font-size:14px}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
@media print{.filters{display:none}.change{break-inside:avoid}}
"""
