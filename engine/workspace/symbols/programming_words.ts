// Words of programming in Chinese and Korean with the English ones that names in code are made of: a question in one of them finds code
// whose names are English. Chinese in simplified characters; traditional ones stand beside them where they differ.

const chinese = `
读取 读 讀取 read load get|写入 写 寫入 write save|文件 档案 檔案 file|文件夹 目录 資料夾 目錄 folder directory dir|路径 路徑 path|缓存 快取 緩存 cache|解析 parse
|字符串 字串 string text|数组 陣列 數組 array list|列表 清单 list|对象 物件 對象 object|函数 函式 函數 function|方法 method|类 類別 class|接口 介面 interface|类型 類型 type
|变量 變數 變量 variable|常量 常數 constant|参数 參數 parameter argument option|返回 回傳 return|返回值 result value|错误 錯誤 error|异常 例外 exception error throw|警告 warning warn
|日志 日誌 记录 log|打印 列印 print|输出 輸出 output|输入 輸入 input|请求 請求 request|响应 回應 response|服务器 伺服器 服务 服務 server service|客户端 客戶端 client
|网络 網路 網絡 network|连接 連接 連線 connect connection|断开 斷開 disconnect close|关闭 關閉 close|打开 打開 開啟 open|创建 建立 創建 create make new build|生成 generate create
|删除 刪除 delete remove|移除 remove|添加 新增 add insert append|插入 insert|更新 update|修改 change modify edit|编辑 編輯 edit|替换 取代 替換 replace|复制 複製 copy clone
|移动 移動 move|重命名 重新命名 rename|查找 寻找 尋找 find search lookup|搜索 搜尋 search query|查询 查詢 query|过滤 篩選 過濾 filter|排序 sort order|比较 比較 compare
|合并 合併 merge combine join|拆分 分割 split|连结 拼接 concat join|转换 轉換 convert transform|映射 映射 map|编码 編碼 encode encoding|解码 解碼 decode
|加密 encrypt cipher|解密 decrypt|签名 簽名 sign signature|验证 驗證 verify validate check|校验 檢驗 validate check|检查 檢查 check test|测试 測試 test|断言 assert
|令牌 token|词法 lexer token|语法 語法 syntax grammar|语法树 ast tree syntax|编译 編譯 compile|编译器 編譯器 compiler|解释器 interpreter|运行 執行 运行时 run execute runtime
|执行 執行 execute run|启动 啟動 start launch boot|停止 stop|暂停 暫停 pause|继续 繼續 continue resume|取消 cancel abort|重试 重試 retry|超时 逾時 超時 timeout
|等待 wait await|异步 非同步 異步 async asynchronous|同步 sync|并发 並發 concurrent concurrency|线程 執行緒 線程 thread worker|进程 行程 進程 process|任务 任務 task job|队列 佇列 隊列 queue
|栈 堆疊 stack|堆 heap|树 樹 tree|图 圖 graph|节点 節點 node|边 邊 edge|键 鍵 key|值 value|索引 index|指针 指標 pointer|引用 reference ref|链表 鏈表 list linked
|哈希 雜湊 hash|集合 set collection|字典 dictionary map dict|迭代 迭代器 iterate iterator|循环 迴圈 循環 loop cycle|递归 遞迴 recursive|条件 條件 condition|事件 event|监听 監聽 listen listener
|触发 觸發 trigger emit fire|回调 回呼 callback|处理 處理 handle process|处理器 處理器 handler processor|中间件 middleware|路由 route router|控制器 controller|视图 視圖 view
|模型 model|组件 元件 組件 component|渲染 render|绘制 繪製 draw paint|显示 顯示 show display|隐藏 隱藏 hide hidden|页面 頁面 page|窗口 視窗 window|按钮 按鈕 button|菜单 選單 menu
|对话框 對話框 dialog|图标 圖示 icon|图像 图片 圖片 image|图层 圖層 layer|地图 地圖 map|坐标 座標 coordinate point|位置 position location|距离 距離 distance|大小 尺寸 size
|宽度 寬度 width|高度 height|颜色 顏色 color|字体 字型 font|样式 樣式 style|主题 主題 theme|布局 版面 layout|动画 動畫 animation animate|滚动 捲動 scroll|缩放 縮放 zoom scale
|旋转 旋轉 rotate rotation|键盘 鍵盤 keyboard key|鼠标 滑鼠 mouse|触摸 觸控 touch|光标 游標 cursor|选择 選擇 选中 select selection|焦点 焦點 focus|拖动 拖曳 drag
|用户 使用者 用戶 user|密码 密碼 password|登录 登入 登錄 login sign|登出 logout|权限 權限 permission|认证 認證 auth authentication|授权 授權 authorize authorization|会话 會話 session
|数据库 資料庫 database db|数据 資料 數據 data|表 table|表格 table grid|行 row line|列 column|字段 欄位 field|记录 record|事务 交易 transaction|迁移 遷移 migrate migration|备份 備份 backup
|配置 設定 configuration config settings|设置 設置 set setting|选项 選項 option|默认 預設 默認 default|环境 環境 environment env|变更 变化 change|版本 version|依赖 依賴 dependency
|包 package bundle|模块 模組 模塊 module|库 庫 library|导入 匯入 導入 import|导出 匯出 導出 export|构建 構建 build|部署 deploy|发布 發布 publish release|安装 安裝 install
|下载 下載 download|上传 上傳 upload|发送 傳送 發送 send|接收 receive|消息 訊息 message|通知 notify notification|订阅 訂閱 subscribe|发布者 publisher|流 串流 stream|缓冲 緩衝 buffer
|压缩 壓縮 compress|解压 解壓 decompress unzip|序列化 serialize|反序列化 deserialize|格式 format|格式化 format|时间 時間 time|日期 date|时钟 時鐘 clock|定时 計時 timer schedule
|计数 計數 count counter|数量 數量 count number|数字 數字 number digit|整数 整數 integer int|浮点 浮點 float|布尔 布林 boolean bool|随机 隨機 random|最大 max maximum|最小 min minimum
|平均 average mean|总和 總和 sum total|计算 計算 compute calculate|限制 limit bound|范围 範圍 range|长度 長度 length|开始 開始 start begin|结束 結束 end finish|状态 狀態 state status
|初始化 initialize init setup|销毁 銷毀 destroy dispose|释放 釋放 release free|分配 allocate|内存 記憶體 內存 memory|磁盘 磁碟 disk|设备 裝置 設備 device|显卡 顯示卡 gpu|张量 tensor
|矩阵 矩陣 matrix|向量 vector|采样 採樣 sample sampler|词元 token|分词 分詞 tokenize tokenizer|提示 提示词 prompt hint|注意力 attention|权重 權重 weight|层 層 layer|训练 訓練 train
|推理 推論 inference infer|语言 語言 language|翻译 翻譯 translate translation|文本 文字 text|字符 字元 character char|正则 正則 regex pattern|匹配 match|标签 標籤 label tag|标记 標記 mark marker token
|属性 屬性 attribute property|名称 名稱 name|描述 description|链接 連結 鏈接 link url|网址 網址 url|工作区 工作區 workspace|项目 專案 項目 project|仓库 儲存庫 倉庫 repository store
|提交 commit submit|分支 branch|差异 差異 diff difference|冲突 衝突 conflict|锁 鎖 lock|信号 訊號 信號 signal|管道 pipe pipeline|端口 port|协议 協定 協議 protocol|拆解 destructure
|相机 摄像机 相機 camera|瓦片 tile|源 來源 source|着色器 shader|纹理 紋理 texture|三角形 triangle|多边形 多邊形 polygon|投影 projection|地形 terrain|控件 控制項 control widget`;

const korean = `
읽 read load get|쓰기 저장 write save store|파일 file|폴더 디렉터리 디렉토리 folder directory dir|경로 path route|캐시 cache|파싱 구문분석 parse|구문 syntax|문자열 string text|배열 array
|목록 리스트 list|객체 object|함수 function|메서드 메소드 method|클래스 class|인터페이스 interface|타입 유형 type|변수 variable|상수 constant|매개변수 인자 인수 parameter argument
|반환 돌려 return|결과 result|오류 에러 error|예외 exception error throw|경고 warning warn|로그 기록 log record|출력 print output|입력 input|요청 request|응답 response
|서버 server|서비스 service|클라이언트 client|네트워크 network|연결 connect connection|끊 disconnect close|닫 close|열기 여는 open|생성 만들 만드 create make new build generate
|삭제 지우 지운 delete remove|제거 remove|추가 add insert append|삽입 insert|갱신 업데이트 update|수정 변경 change modify edit|편집 edit|교체 바꾸 replace|복사 복제 copy clone|이동 옮기 move
|이름변경 rename|찾기 찾는 찾아 find search lookup|검색 search query|질의 쿼리 query|걸러 필터 filter|정렬 sort order align|비교 compare|병합 합치 merge combine join|분할 나누 나눠 split
|이어 연결 concat join|변환 convert transform|매핑 map|인코딩 부호화 encode encoding|디코딩 복호화 decode|암호화 encrypt cipher|복호 decrypt|서명 sign signature|검증 verify validate check
|확인 검사 check verify test|테스트 시험 test|단언 assert|토큰 token|문법 grammar syntax|컴파일 compile|컴파일러 compiler|해석 interpret parse|실행 run execute|시작 start begin launch|중지 멈추 stop
|일시정지 pause|계속 재개 continue resume|취소 cancel abort|재시도 retry|시간초과 타임아웃 timeout|기다 대기 wait await|비동기 async asynchronous|동기 sync|동시 concurrent concurrency
|스레드 thread worker|프로세스 process|작업 task job work|큐 대기열 queue|스택 stack|힙 heap|트리 tree|그래프 graph|노드 node|간선 edge|키 key|값 value|색인 인덱스 index|포인터 pointer
|참조 reference ref|해시 hash|집합 set collection|사전 dictionary map dict|반복 iterate loop iterator|재귀 recursive|조건 condition|이벤트 event|수신 listen receive|듣 listen listener|발생 trigger emit fire
|콜백 callback|처리 handle process|처리기 핸들러 handler processor|미들웨어 middleware|라우트 라우터 route router|컨트롤러 제어 controller control|뷰 view|모델 model|컴포넌트 구성요소 component
|렌더링 그리 render draw|표시 보이 보여 show display|숨기 숨긴 hide hidden|페이지 page|창 윈도우 window|버튼 단추 button|메뉴 menu|대화상자 dialog|대화 chat conversation dialog|아이콘 icon|이미지 그림 image
|레이어 계층 layer|지도 맵 map|좌표 coordinate point|위치 position location|거리 distance|크기 size|너비 폭 width|높이 height|색 색상 color|글꼴 폰트 font|스타일 style|테마 theme|배치 레이아웃 layout
|애니메이션 animation animate|스크롤 scroll|확대 축소 줌 zoom scale|회전 rotate rotation|키보드 keyboard key|마우스 mouse|터치 touch|커서 cursor|선택 select selection choose|포커스 초점 focus|드래그 drag
|사용자 유저 user|비밀번호 암호 password|로그인 login sign|로그아웃 logout|권한 permission|인증 auth authentication|허가 authorize|세션 session|데이터베이스 database db|데이터 자료 data
|테이블 표 table|행 row line|줄 line|열 column|필드 field|레코드 record|트랜잭션 transaction|마이그레이션 migrate migration|백업 backup|설정 구성 configuration config settings set|옵션 선택지 option
|기본값 기본 default|환경 environment env|버전 version|의존 dependency|패키지 꾸러미 package bundle|모듈 module|라이브러리 library|가져오 import get fetch|내보내 export|빌드 build|배포 deploy publish release
|설치 install|내려받 다운로드 download|올리 업로드 upload|보내 전송 send|받 receive|메시지 message|알림 notify notification|구독 subscribe|발행 publish|스트림 흐름 stream|버퍼 buffer|압축 compress
|직렬화 serialize|역직렬화 deserialize|형식 포맷 format|시간 time|날짜 date|시계 clock|타이머 timer schedule|일정 schedule|세는 세어 count counter|개수 수량 count number|숫자 number digit|정수 integer int
|실수 float|불리언 boolean bool|무작위 난수 random|최대 max maximum|최소 min minimum|평균 average mean|합계 sum total|계산 compute calculate|제한 한도 limit bound|범위 range|길이 length|끝 종료 end finish exit
|상태 state status|초기화 initialize init setup reset|파괴 폐기 destroy dispose|해제 release free dispose|할당 allocate|메모리 memory|디스크 disk|장치 디바이스 device|텐서 tensor|행렬 matrix|벡터 vector
|표본 샘플 sample sampler|토크나이저 tokenizer|프롬프트 prompt|어텐션 주의 attention|가중치 weight|층 layer|학습 훈련 train|추론 inference infer|언어 language|번역 translate translation|글 텍스트 text|문자 character char
|정규식 regex pattern|일치 match|꼬리표 라벨 label tag|표식 마커 mark marker|속성 attribute property|이름 name|설명 description|링크 link url|주소 url address|작업공간 워크스페이스 workspace|프로젝트 project
|저장소 repository store|커밋 commit|제출 submit|분기 브랜치 branch|차이 diff difference|충돌 conflict collision|잠금 lock|신호 signal|관 파이프 pipe pipeline|포트 port|규약 프로토콜 protocol
|카메라 camera|타일 tile|원본 출처 소스 source|셰이더 shader|질감 텍스처 texture|삼각형 triangle|다각형 polygon|투영 projection|지형 terrain`;

/** English words by each word of the two languages. */
const english: ReadonlyMap<string, readonly string[]> = new Map(
  [chinese, korean].flatMap(list =>
    list
      .trim()
      .split(/\s*\|\s*/)
      .flatMap(entry => {
        const words = entry.trim().split(/\s+/);
        const isEnglish = (word: string) => /^[a-z]+$/.test(word);
        const meant = words.filter(isEnglish);
        return words.filter(word => !isEnglish(word)).map(word => [word, meant] as const);
      }),
  ),
);
const wordCharsMax = Math.max(...[...english.keys()].map(word => word.length));

/** The English words that stand for the words in a stretch of Chinese or Korean; the longest are taken, from its beginning. */
export function englishWordsFor(run: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < run.length;) {
    let length = Math.min(wordCharsMax, run.length - at);
    while (length > 0 && !english.has(run.slice(at, at + length))) length--;
    found.push(...(english.get(run.slice(at, at + length)) ?? []));
    at += Math.max(1, length);
  }
  return [...new Set(found)];
}
